# Sourced by scripts that need real neighbours: starts Redis, Memcached and RabbitMQ on loopback and free ports, with what they write
# below $work, which the script has made. It ends with `trap clean_up EXIT`.

servers=()
# Stops what was started, and removes what it wrote.
clean_up() {
    local server
    for server in ${servers[@]+"${servers[@]}"}; do kill "$server" 2>/dev/null || true; done
    # The broker's program starts another one and waits for it.
    [ ! -f "$work/pid" ] || kill "$(cat "$work/pid" 2>/dev/null)" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
accepts() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 30000))
        if [[ " ${taken:-} " != *" $port "* ]] && ! accepts "$port"; then break; fi
    done
    taken="${taken:-} $port"
    found_port=$port
}

wait_for() {
    local name="$1" tries=0
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -gt 600 ]; then
            say "$name did not start within two minutes; it said:"
            tail -n 20 "$work/$name.log" >&2
            exit 1
        fi
        sleep 0.2
    done
}

# Sets redis_port.
start_redis() {
    free_port; redis_port=$found_port
    mkdir "$work/redis"
    redis-server --port "$redis_port" --bind 127.0.0.1 --save "" --appendonly yes --appendfsync always \
        --dir "$work/redis" >"$work/redis.log" 2>&1 &
    servers+=($!)
}

# Sets memcached_port.
start_memcached() {
    free_port; memcached_port=$found_port
    memcached -u "$(id -un)" -l 127.0.0.1 -p "$memcached_port" >"$work/memcached.log" 2>&1 &
    servers+=($!)
}

# start_rabbitmq EXCHANGE [EVENT_TYPE ...]: sets rabbitmq_port. A node and a port mapper of its own, beside any that the machine has.
# The queues are there before anything is published, one for each event type.
start_rabbitmq() {
    local program=/usr/lib/rabbitmq/bin/rabbitmq-server distribution_port exchange="$1" queues="" bindings="" type
    shift
    [ -x "$program" ] || program="$(command -v rabbitmq-server)"
    free_port; rabbitmq_port=$found_port
    free_port; distribution_port=$found_port
    free_port; mapper_port=$found_port
    for type in "$@"; do
        queues="$queues,{\"name\":\"$type\",\"vhost\":\"/\",\"durable\":true,\"auto_delete\":false,\"arguments\":{}}"
        bindings="$bindings,{\"source\":\"$exchange\",\"vhost\":\"/\",\"destination\":\"$type\",\"destination_type\":\"queue\",\"routing_key\":\"*.$type\",\"arguments\":{}}"
    done
    mkdir "$work/home" "$work/mnesia" "$work/log"
    printf '[].\n' >"$work/enabled_plugins"
    cat >"$work/definitions.json" <<JSON
{"users":[{"name":"guest","password":"guest","tags":""}],"vhosts":[{"name":"/"}],
 "permissions":[{"user":"guest","vhost":"/","configure":".*","write":".*","read":".*"}],
 "exchanges":[{"name":"$exchange","vhost":"/","type":"topic","durable":true,"auto_delete":false,"internal":false,"arguments":{}}],
 "queues":[${queues#,}],"bindings":[${bindings#,}]}
JSON
    printf 'load_definitions = %s\n' "$work/definitions.json" >"$work/rabbitmq.conf"
    export ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$mapper_port" RABBITMQ_NODENAME="recall$rabbitmq_port@localhost"
    epmd -port "$mapper_port" >"$work/epmd.log" 2>&1 &
    servers+=($!)
    wait_for epmd accepts "$mapper_port"
    HOME="$work/home" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$rabbitmq_port" \
        RABBITMQ_DIST_PORT="$distribution_port" RABBITMQ_MNESIA_BASE="$work/mnesia" RABBITMQ_LOG_BASE="$work/log" \
        RABBITMQ_PID_FILE="$work/pid" RABBITMQ_CONFIG_FILE="$work/rabbitmq" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$work/enabled_plugins" "$program" >"$work/rabbitmq.log" 2>&1 &
    servers+=($!)
}

control() {
    local program=/usr/lib/rabbitmq/bin/rabbitmqctl
    [ -x "$program" ] || program="$(command -v rabbitmqctl)"
    HOME="$work/home" "$program" --silent "$@"
}

wait_for_servers() {
    wait_for redis accepts "$redis_port"
    wait_for memcached accepts "$memcached_port"
    wait_for rabbitmq control await_startup
}
