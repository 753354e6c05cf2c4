// rabbitmq-c as Swift sees it, with what Swift cannot see by itself: a function of variable arguments, and constants that are
// macros with a cast.
#pragma once
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

// Says that this client knows connection.blocked: rabbitmq-c adds that to what it can do itself.
static inline amqp_rpc_reply_t recall_amqp_login(
    amqp_connection_state_t state, const char *vhost, int frame_max, int heartbeat, const char *user,
    const char *password) {
    amqp_table_entry_t blocked = {
        .key = amqp_cstring_bytes("connection.blocked"),
        .value = {.kind = AMQP_FIELD_KIND_BOOLEAN, .value = {.boolean = 1}}};
    amqp_table_t capabilities = {.num_entries = 1, .entries = &blocked};
    amqp_table_entry_t entry = {
        .key = amqp_cstring_bytes("capabilities"),
        .value = {.kind = AMQP_FIELD_KIND_TABLE, .value = {.table = capabilities}}};
    amqp_table_t properties = {.num_entries = 1, .entries = &entry};
    return amqp_login_with_properties(
        state, vhost, 1, frame_max, heartbeat, &properties, AMQP_SASL_METHOD_PLAIN, user, password);
}

enum recall_amqp_method {
    RECALL_AMQP_CONNECTION_BLOCKED = 0x000A003C,
    RECALL_AMQP_CONNECTION_UNBLOCKED = 0x000A003D,
    RECALL_AMQP_CONNECTION_CLOSE = 0x000A0032,
    RECALL_AMQP_CHANNEL_CLOSE = 0x00140028,
    RECALL_AMQP_BASIC_RETURN = 0x003C0032,
    RECALL_AMQP_BASIC_ACK = 0x003C0050,
    RECALL_AMQP_BASIC_NACK = 0x003C0078
};

_Static_assert(RECALL_AMQP_CONNECTION_BLOCKED == AMQP_CONNECTION_BLOCKED_METHOD, "connection.blocked");
_Static_assert(RECALL_AMQP_CONNECTION_UNBLOCKED == AMQP_CONNECTION_UNBLOCKED_METHOD, "connection.unblocked");
_Static_assert(RECALL_AMQP_CONNECTION_CLOSE == AMQP_CONNECTION_CLOSE_METHOD, "connection.close");
_Static_assert(RECALL_AMQP_CHANNEL_CLOSE == AMQP_CHANNEL_CLOSE_METHOD, "channel.close");
_Static_assert(RECALL_AMQP_BASIC_RETURN == AMQP_BASIC_RETURN_METHOD, "basic.return");
_Static_assert(RECALL_AMQP_BASIC_ACK == AMQP_BASIC_ACK_METHOD, "basic.ack");
_Static_assert(RECALL_AMQP_BASIC_NACK == AMQP_BASIC_NACK_METHOD, "basic.nack");

enum { RECALL_AMQP_FRAME_METHOD = AMQP_FRAME_METHOD };

static const amqp_flags_t recall_amqp_properties_set =
    AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG
    | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG;
static const amqp_flags_t recall_amqp_message_id_set = AMQP_BASIC_MESSAGE_ID_FLAG;
