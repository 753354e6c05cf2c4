// An event as one line of JSON, for routers and for programs of their own.

extension RecordedEvent {
    /// The event as one line of JSON, without the line's end: what `recall replay` prints, and `recall append` reads.
    ///
    /// A payload stands there as it is where its content type says JSON and it is JSON, with line breaks between its
    /// parts taken out; any other travels as `dataBase64`.
    public var jsonLine: String {
        var buffer: [UInt8] = []
        EventLineEncoder.append(self, to: &buffer)
        return String(decoding: buffer.dropLast(), as: UTF8.self)
    }
}
