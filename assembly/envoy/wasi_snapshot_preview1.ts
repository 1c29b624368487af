// A file of this name declares imports of the module "wasi_snapshot_preview1".
/** Fills `size` bytes at `at` from the host's source of randomness; 0 when it did. */
export declare function random_get(at: usize, size: usize): u32;
