// A file of this name declares imports of the module "env".
export declare function proxy_log(level: u32, at: usize, size: usize): u32;
export declare function proxy_get_log_level(at: usize): u32;
export declare function proxy_get_current_time_nanoseconds(at: usize): u32;
export declare function proxy_set_tick_period_milliseconds(ms: u32): u32;
export declare function proxy_get_buffer_status(type: u32, lengthAt: usize, flagsAt: usize): u32;
export declare function proxy_get_buffer_bytes(
  type: u32,
  start: u32,
  length: u32,
  at: usize,
  sizeAt: usize,
): u32;
export declare function proxy_set_buffer_bytes(
  type: u32,
  start: u32,
  length: u32,
  at: usize,
  size: usize,
): u32;
export declare function proxy_continue_stream(type: u32): u32;
export declare function proxy_close_stream(type: u32): u32;
export declare function proxy_set_effective_context(id: u32): u32;
export declare function proxy_done(): u32;
export declare function proxy_get_property(path: usize, size: usize, at: usize, sizeAt: usize): u32;
export declare function proxy_set_property(key: usize, keySize: usize, at: usize, size: usize): u32;
export declare function proxy_define_metric(type: u32, name: usize, size: usize, idAt: usize): u32;
export declare function proxy_increment_metric(id: u32, offset: i64): u32;
export declare function proxy_record_metric(id: u32, value: u64): u32;
export declare function proxy_get_metric(id: u32, at: usize): u32;
export declare function proxy_get_shared_data(
  key: usize,
  keySize: usize,
  at: usize,
  sizeAt: usize,
  casAt: usize,
): u32;
export declare function proxy_set_shared_data(
  key: usize,
  keySize: usize,
  at: usize,
  size: usize,
  cas: u32,
): u32;
export declare function proxy_send_local_response(
  code: u32,
  details: usize,
  detailsSize: usize,
  body: usize,
  bodySize: usize,
  headers: usize,
  headersSize: usize,
  grpc: u32,
): u32;
export declare function proxy_call_foreign_function(
  name: usize,
  nameSize: usize,
  argument: usize,
  argumentSize: usize,
  at: usize,
  sizeAt: usize,
): u32;
export declare function proxy_get_header_map_value(
  type: u32,
  key: usize,
  keySize: usize,
  at: usize,
  sizeAt: usize,
): u32;
