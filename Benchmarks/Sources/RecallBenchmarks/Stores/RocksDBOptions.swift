// How RocksDB is tuned, after its own guides ("Setup Options and Basic Tuning", "Block Cache"): as many background jobs
// as cores, write buffers of 64 MiB, a block cache that holds what is read, LZ4 for all levels.

import CRocksDB

/// The options of a database, freed with this.
final class RocksDBOptions {
    let database: OpaquePointer?
    let writing: OpaquePointer?
    /// For single events.
    let reading: OpaquePointer?
    /// For reading everything once: reads ahead, and leaves the cache to others.
    let scanning: OpaquePointer?

    private static let blockCacheBytes = 512 << 20
    private static let blockBytes = 4 << 10
    private static let readAheadBytes = 2 << 20

    init(isDurable: Bool) {
        database = rocksdb_options_create()
        rocksdb_options_set_create_if_missing(database, 1)
        rocksdb_options_set_create_missing_column_families(database, 1)
        rocksdb_options_increase_parallelism(database, 2)
        rocksdb_options_set_compression(database, Int32(rocksdb_lz4_compression))
        rocksdb_options_set_write_buffer_size(database, 64 << 20)
        rocksdb_options_set_max_write_buffer_number(database, 4)
        rocksdb_options_set_max_open_files(database, -1)

        let table = rocksdb_block_based_options_create()
        let cache = rocksdb_cache_create_lru(Self.blockCacheBytes)
        rocksdb_block_based_options_set_block_cache(table, cache)
        rocksdb_block_based_options_set_block_size(table, Self.blockBytes)
        rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(10))
        rocksdb_options_set_block_based_table_factory(database, table)
        rocksdb_block_based_options_destroy(table)
        rocksdb_cache_destroy(cache)

        writing = rocksdb_writeoptions_create()
        rocksdb_writeoptions_set_sync(writing, isDurable ? 1 : 0)
        reading = rocksdb_readoptions_create()
        scanning = rocksdb_readoptions_create()
        rocksdb_readoptions_set_readahead_size(scanning, Self.readAheadBytes)
        rocksdb_readoptions_set_fill_cache(scanning, 0)
    }

    deinit {
        rocksdb_readoptions_destroy(scanning)
        rocksdb_readoptions_destroy(reading)
        rocksdb_writeoptions_destroy(writing)
        rocksdb_options_destroy(database)
    }
}
