// What all connections of a store share of TLS: the certificates that are trusted, and one's own.

internal import COpenSSL
internal import Recall

/// An OpenSSL context, made once and then only read.
///
/// `@unchecked Sendable`: OpenSSL counts references to a context atomically, and nobody changes it once it is made.
final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    let settings: RedisTLS

    /// - Throws: `invalidArgument` where a file of the settings cannot be used.
    init(_ settings: RedisTLS) throws(StoreError) {
        guard let pointer = SSL_CTX_new(TLS_client_method()) else {
            throw StoreError(.unavailable, "OpenSSL gave no context: \(TLSContext.reason()); try again.")
        }
        self.pointer = pointer
        self.settings = settings
        _ = recall_ssl_require_tls12(pointer)
        if let path = settings.authorityPath {
            guard SSL_CTX_load_verify_locations(pointer, path, nil) == 1 else {
                throw TLSContext.unusable("authorityPath", path)
            }
        } else {
            _ = SSL_CTX_set_default_verify_paths(pointer)
        }
        SSL_CTX_set_verify(pointer, settings.isVerifying ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
        if let path = settings.certificatePath, let keyPath = settings.keyPath {
            guard SSL_CTX_use_certificate_chain_file(pointer, path) == 1 else {
                throw TLSContext.unusable("certificatePath", path)
            }
            guard SSL_CTX_use_PrivateKey_file(pointer, keyPath, SSL_FILETYPE_PEM) == 1,
                SSL_CTX_check_private_key(pointer) == 1
            else { throw TLSContext.unusable("keyPath", keyPath) }
        }
    }

    deinit { SSL_CTX_free(pointer) }

    private static func unusable(_ setting: String, _ path: String) -> StoreError {
        StoreError(
            .invalidArgument,
            "The file \(path) (\(setting)) cannot be used for TLS: \(reason()); name a file in PEM form that this process may read."
        )
    }

    /// The first of the errors that OpenSSL keeps for this thread, and forgets them.
    static func reason() -> String {
        let number = ERR_get_error()
        ERR_clear_error()
        guard number != 0, let text = ERR_reason_error_string(number) else { return "no reason was given" }
        return String(cString: text)
    }
}
