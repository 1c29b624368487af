/**
 * The messages of Envoy 1.40's configuration, one a line: name without "envoy.", then its fields; after "=" the message
 * that a field holds, after "={}" that of a map's values. Written by `host-test/cli/envoy-messages.ts`.
 */
export const ENVOY_MESSAGES = `
config.accesslog.v3.AccessLog: name filter typed_config
config.bootstrap.v3.Admin: access_log=config.accesslog.v3.AccessLog access_log_path profile_path address=config.core.v3.Address socket_options=config.core.v3.SocketOption ignore_global_conn_limit allow_paths=type.matcher.v3.StringMatcher
config.bootstrap.v3.Bootstrap.ApplicationLogConfig.LogFormat: json_format text_format
config.bootstrap.v3.Bootstrap.ApplicationLogConfig: log_format=config.bootstrap.v3.Bootstrap.ApplicationLogConfig.LogFormat
config.bootstrap.v3.Bootstrap.DeferredStatOptions: enable_deferred_creation_stats
config.bootstrap.v3.Bootstrap.DynamicResources: lds_config=config.core.v3.ConfigSource lds_resources_locator cds_config=config.core.v3.ConfigSource cds_resources_locator ads_config=config.core.v3.ApiConfigSource
config.bootstrap.v3.Bootstrap.StaticResources: listeners=config.listener.v3.Listener clusters=config.cluster.v3.Cluster secrets=extensions.transport_sockets.tls.v3.Secret
config.bootstrap.v3.Bootstrap: node=config.core.v3.Node node_context_params static_resources=config.bootstrap.v3.Bootstrap.StaticResources dynamic_resources=config.bootstrap.v3.Bootstrap.DynamicResources cluster_manager=config.bootstrap.v3.ClusterManager hds_config=config.core.v3.ApiConfigSource flags_path stats_sinks=config.metrics.v3.StatsSink deferred_stat_options=config.bootstrap.v3.Bootstrap.DeferredStatOptions stats_config=config.metrics.v3.StatsConfig stats_flush_interval stats_flush_on_admin stats_eviction_interval watchdog=config.bootstrap.v3.Watchdog watchdogs=config.bootstrap.v3.Watchdogs tracing layered_runtime=config.bootstrap.v3.LayeredRuntime admin=config.bootstrap.v3.Admin overload_manager=config.overload.v3.OverloadManager enable_dispatcher_stats header_prefix stats_server_version_override use_tcp_for_dns_lookups dns_resolution_config=config.core.v3.DnsResolutionConfig typed_dns_resolver_config=config.core.v3.TypedExtensionConfig bootstrap_extensions=config.core.v3.TypedExtensionConfig fatal_actions=config.bootstrap.v3.FatalAction config_sources=config.core.v3.ConfigSource default_config_source=config.core.v3.ConfigSource default_socket_interface certificate_provider_instances={}config.core.v3.TypedExtensionConfig inline_headers=config.bootstrap.v3.CustomInlineHeader perf_tracing_file_path default_regex_engine=config.core.v3.TypedExtensionConfig xds_delegate_extension=config.core.v3.TypedExtensionConfig xds_config_tracker_extension=config.core.v3.TypedExtensionConfig listener_manager=config.core.v3.TypedExtensionConfig application_log_config=config.bootstrap.v3.Bootstrap.ApplicationLogConfig grpc_async_client_manager_config memory_allocator_manager=config.bootstrap.v3.MemoryAllocatorManager enable_worker_cpu_affinity
config.bootstrap.v3.ClusterManager.OutlierDetection: event_log_path event_service=config.core.v3.EventServiceConfig
config.bootstrap.v3.ClusterManager: local_cluster_name outlier_detection=config.bootstrap.v3.ClusterManager.OutlierDetection upstream_bind_config=config.core.v3.BindConfig load_stats_config=config.core.v3.ApiConfigSource enable_deferred_cluster_creation
config.bootstrap.v3.CustomInlineHeader: inline_header_name inline_header_type
config.bootstrap.v3.FatalAction: config=config.core.v3.TypedExtensionConfig
config.bootstrap.v3.LayeredRuntime: layers=config.bootstrap.v3.RuntimeLayer
config.bootstrap.v3.MemoryAllocatorManager: bytes_to_release memory_release_interval soft_memory_limit_bytes max_per_cpu_cache_size_bytes max_unfreed_memory_bytes
config.bootstrap.v3.RuntimeLayer.AdminLayer:
config.bootstrap.v3.RuntimeLayer.DiskLayer: symlink_root subdirectory append_service_cluster
config.bootstrap.v3.RuntimeLayer.RtdsLayer: name rtds_config=config.core.v3.ConfigSource
config.bootstrap.v3.RuntimeLayer: name static_layer disk_layer=config.bootstrap.v3.RuntimeLayer.DiskLayer admin_layer=config.bootstrap.v3.RuntimeLayer.AdminLayer rtds_layer=config.bootstrap.v3.RuntimeLayer.RtdsLayer
config.bootstrap.v3.Watchdog.WatchdogAction: config=config.core.v3.TypedExtensionConfig event
config.bootstrap.v3.Watchdog: actions=config.bootstrap.v3.Watchdog.WatchdogAction miss_timeout megamiss_timeout kill_timeout max_kill_timeout_jitter multikill_timeout multikill_threshold=type.v3.Percent
config.bootstrap.v3.Watchdogs: main_thread_watchdog=config.bootstrap.v3.Watchdog worker_watchdog=config.bootstrap.v3.Watchdog
config.cluster.v3.CircuitBreakers.Thresholds.RetryBudget: budget_percent=type.v3.Percent budget_interval min_retry_concurrency
config.cluster.v3.CircuitBreakers.Thresholds: priority max_connections max_pending_requests max_requests max_retries retry_budget=config.cluster.v3.CircuitBreakers.Thresholds.RetryBudget track_remaining max_connection_pools
config.cluster.v3.CircuitBreakers: thresholds=config.cluster.v3.CircuitBreakers.Thresholds per_host_thresholds=config.cluster.v3.CircuitBreakers.Thresholds
config.cluster.v3.Cluster.CommonLbConfig.ConsistentHashingLbConfig: use_hostname_for_hashing hash_balance_factor
config.cluster.v3.Cluster.CommonLbConfig.LocalityWeightedLbConfig:
config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig: routing_enabled=type.v3.Percent min_cluster_size fail_traffic_on_panic
config.cluster.v3.Cluster.CommonLbConfig: healthy_panic_threshold=type.v3.Percent zone_aware_lb_config=config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig locality_weighted_lb_config=config.cluster.v3.Cluster.CommonLbConfig.LocalityWeightedLbConfig update_merge_window ignore_new_hosts_until_first_hc close_connections_on_host_set_change consistent_hashing_lb_config=config.cluster.v3.Cluster.CommonLbConfig.ConsistentHashingLbConfig override_host_status=config.core.v3.HealthStatusSet
config.cluster.v3.Cluster.CustomClusterType: name typed_config
config.cluster.v3.Cluster.EdsClusterConfig: eds_config=config.core.v3.ConfigSource service_name
config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector: keys single_host_per_subset fallback_policy fallback_keys_subset
config.cluster.v3.Cluster.LbSubsetConfig: fallback_policy default_subset subset_selectors=config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector locality_weight_aware scale_locality_weight panic_mode_any list_as_any metadata_fallback_policy
config.cluster.v3.Cluster.LeastRequestLbConfig: choice_count active_request_bias=config.core.v3.RuntimeDouble slow_start_config=config.cluster.v3.Cluster.SlowStartConfig
config.cluster.v3.Cluster.MaglevLbConfig: table_size
config.cluster.v3.Cluster.OriginalDstLbConfig: use_http_header http_header_name upstream_port_override metadata_key=type.metadata.v3.MetadataKey
config.cluster.v3.Cluster.PreconnectPolicy: per_upstream_preconnect_ratio predictive_preconnect_ratio preconnect_enabled_metadata=type.matcher.v3.MetadataMatcher
config.cluster.v3.Cluster.QueuingPolicies: pending_rq_policy=config.core.v3.TypedExtensionConfig
config.cluster.v3.Cluster.RefreshRate: base_interval max_interval
config.cluster.v3.Cluster.RingHashLbConfig: minimum_ring_size hash_function maximum_ring_size
config.cluster.v3.Cluster.RoundRobinLbConfig: slow_start_config=config.cluster.v3.Cluster.SlowStartConfig
config.cluster.v3.Cluster.SlowStartConfig: slow_start_window aggression=config.core.v3.RuntimeDouble min_weight_percent=type.v3.Percent
config.cluster.v3.Cluster.TransportSocketMatch: name match transport_socket=config.core.v3.TransportSocket
config.cluster.v3.Cluster: transport_socket_matches=config.cluster.v3.Cluster.TransportSocketMatch transport_socket_matcher name alt_stat_name stats_matcher=config.metrics.v3.StatsMatcher type cluster_type=config.cluster.v3.Cluster.CustomClusterType eds_cluster_config=config.cluster.v3.Cluster.EdsClusterConfig connect_timeout per_connection_buffer_limit_bytes per_connection_buffer_high_watermark_timeout lb_policy load_assignment=config.endpoint.v3.ClusterLoadAssignment health_checks=config.core.v3.HealthCheck max_requests_per_connection circuit_breakers=config.cluster.v3.CircuitBreakers upstream_http_protocol_options=config.core.v3.UpstreamHttpProtocolOptions common_http_protocol_options http_protocol_options http2_protocol_options typed_extension_protocol_options={} dns_refresh_rate dns_jitter dns_failure_refresh_rate=config.cluster.v3.Cluster.RefreshRate respect_dns_ttl dns_lookup_family dns_resolvers=config.core.v3.Address use_tcp_for_dns_lookups dns_resolution_config=config.core.v3.DnsResolutionConfig typed_dns_resolver_config=config.core.v3.TypedExtensionConfig wait_for_warm_on_init outlier_detection=config.cluster.v3.OutlierDetection cleanup_interval upstream_bind_config=config.core.v3.BindConfig lb_subset_config=config.cluster.v3.Cluster.LbSubsetConfig ring_hash_lb_config=config.cluster.v3.Cluster.RingHashLbConfig maglev_lb_config=config.cluster.v3.Cluster.MaglevLbConfig original_dst_lb_config=config.cluster.v3.Cluster.OriginalDstLbConfig least_request_lb_config=config.cluster.v3.Cluster.LeastRequestLbConfig round_robin_lb_config=config.cluster.v3.Cluster.RoundRobinLbConfig common_lb_config=config.cluster.v3.Cluster.CommonLbConfig transport_socket=config.core.v3.TransportSocket metadata=config.core.v3.Metadata protocol_selection upstream_connection_options=config.cluster.v3.UpstreamConnectionOptions close_connections_on_host_health_failure ignore_health_on_host_removal filters=config.cluster.v3.Filter load_balancing_policy=config.cluster.v3.LoadBalancingPolicy lrs_server=config.core.v3.ConfigSource lrs_report_endpoint_metrics track_timeout_budgets upstream_config=config.core.v3.TypedExtensionConfig track_cluster_stats=config.cluster.v3.TrackClusterStats preconnect_policy=config.cluster.v3.Cluster.PreconnectPolicy connection_pool_per_downstream_connection queuing_policies=config.cluster.v3.Cluster.QueuingPolicies
config.cluster.v3.Filter: name typed_config config_discovery=config.core.v3.ExtensionConfigSource
config.cluster.v3.LoadBalancingPolicy.Policy: typed_extension_config=config.core.v3.TypedExtensionConfig
config.cluster.v3.LoadBalancingPolicy: policies=config.cluster.v3.LoadBalancingPolicy.Policy
config.cluster.v3.OutlierDetection: consecutive_5xx interval base_ejection_time max_ejection_percent enforcing_consecutive_5xx enforcing_success_rate success_rate_minimum_hosts success_rate_request_volume success_rate_stdev_factor consecutive_gateway_failure enforcing_consecutive_gateway_failure split_external_local_origin_errors consecutive_local_origin_failure enforcing_consecutive_local_origin_failure enforcing_local_origin_success_rate failure_percentage_threshold enforcing_failure_percentage enforcing_failure_percentage_local_origin failure_percentage_minimum_hosts failure_percentage_request_volume max_ejection_time max_ejection_time_jitter successful_active_health_check_uneject_host monitors=config.core.v3.TypedExtensionConfig always_eject_one_host detect_degraded_hosts
config.cluster.v3.TrackClusterStats: timeout_budgets request_response_sizes per_endpoint_stats
config.cluster.v3.UpstreamConnectionOptions.HappyEyeballsConfig: first_address_family_version first_address_family_count
config.cluster.v3.UpstreamConnectionOptions: tcp_keepalive=config.core.v3.TcpKeepalive set_local_interface_name_on_upstream_connections happy_eyeballs_config=config.cluster.v3.UpstreamConnectionOptions.HappyEyeballsConfig
config.core.v3.Address: socket_address=config.core.v3.SocketAddress pipe=config.core.v3.Pipe envoy_internal_address=config.core.v3.EnvoyInternalAddress
config.core.v3.AggregatedConfigSource:
config.core.v3.ApiConfigSource: api_type transport_api_version cluster_names grpc_services refresh_delay request_timeout rate_limit_settings=config.core.v3.RateLimitSettings set_node_on_first_message_only config_validators=config.core.v3.TypedExtensionConfig
config.core.v3.AsyncDataSource: local=config.core.v3.DataSource remote=config.core.v3.RemoteDataSource
config.core.v3.BackoffStrategy: base_interval max_interval
config.core.v3.BindConfig: source_address=config.core.v3.SocketAddress freebind socket_options=config.core.v3.SocketOption extra_source_addresses=config.core.v3.ExtraSourceAddress additional_source_addresses=config.core.v3.SocketAddress local_address_selector=config.core.v3.TypedExtensionConfig validate_network_namespaces
config.core.v3.BuildVersion: version=type.v3.SemanticVersion metadata
config.core.v3.CidrRange: address_prefix prefix_len
config.core.v3.ConfigSource: authorities path path_config_source=config.core.v3.PathConfigSource api_config_source=config.core.v3.ApiConfigSource ads=config.core.v3.AggregatedConfigSource self=config.core.v3.SelfConfigSource initial_fetch_timeout resource_api_version
config.core.v3.DataSource: filename inline_bytes inline_string environment_variable watched_directory=config.core.v3.WatchedDirectory
config.core.v3.DnsResolutionConfig: resolvers=config.core.v3.Address dns_resolver_options=config.core.v3.DnsResolverOptions
config.core.v3.DnsResolverOptions: use_tcp_for_dns_lookups no_default_search_domain
config.core.v3.EnvoyInternalAddress: server_listener_name endpoint_id
config.core.v3.EventServiceConfig: grpc_service
config.core.v3.Extension: name category type_descriptor version=config.core.v3.BuildVersion disabled type_urls
config.core.v3.ExtensionConfigSource: config_source=config.core.v3.ConfigSource default_config apply_default_config_without_warming type_urls
config.core.v3.ExtraSourceAddress: address=config.core.v3.SocketAddress socket_options=config.core.v3.SocketOptionsOverride
config.core.v3.HeaderValue: key value raw_value
config.core.v3.HeaderValueOption: header=config.core.v3.HeaderValue append append_action keep_empty_value
config.core.v3.HealthCheck.CustomHealthCheck: name typed_config
config.core.v3.HealthCheck.GrpcHealthCheck: service_name authority initial_metadata=config.core.v3.HeaderValueOption
config.core.v3.HealthCheck.HttpHealthCheck: host path send=config.core.v3.HealthCheck.Payload receive=config.core.v3.HealthCheck.Payload response_buffer_size request_headers_to_add=config.core.v3.HeaderValueOption request_headers_to_remove expected_statuses=type.v3.Int64Range retriable_statuses=type.v3.Int64Range codec_client_type use_alpn_protocol service_name_matcher=type.matcher.v3.StringMatcher method
config.core.v3.HealthCheck.Payload: text binary
config.core.v3.HealthCheck.TcpHealthCheck: send=config.core.v3.HealthCheck.Payload receive=config.core.v3.HealthCheck.Payload proxy_protocol_config=config.core.v3.ProxyProtocolConfig
config.core.v3.HealthCheck.TlsOptions: alpn_protocols
config.core.v3.HealthCheck: name timeout interval initial_jitter interval_jitter interval_jitter_percent unhealthy_threshold healthy_threshold alt_port reuse_connection http_health_check=config.core.v3.HealthCheck.HttpHealthCheck tcp_health_check=config.core.v3.HealthCheck.TcpHealthCheck grpc_health_check=config.core.v3.HealthCheck.GrpcHealthCheck custom_health_check=config.core.v3.HealthCheck.CustomHealthCheck no_traffic_interval no_traffic_healthy_interval unhealthy_interval unhealthy_edge_interval healthy_edge_interval event_log_path event_logger=config.core.v3.TypedExtensionConfig event_service=config.core.v3.EventServiceConfig always_log_health_check_failures always_log_health_check_success tls_options=config.core.v3.HealthCheck.TlsOptions transport_socket_match_criteria
config.core.v3.HealthStatusSet: statuses
config.core.v3.JsonFormatOptions: sort_properties
config.core.v3.Locality: region zone sub_zone
config.core.v3.Metadata: filter_metadata={} typed_filter_metadata={}
config.core.v3.Node: id cluster metadata dynamic_parameters={} locality=config.core.v3.Locality user_agent_name user_agent_version user_agent_build_version=config.core.v3.BuildVersion extensions=config.core.v3.Extension client_features listening_addresses=config.core.v3.Address
config.core.v3.PathConfigSource: path watched_directory=config.core.v3.WatchedDirectory poll_interval
config.core.v3.Pipe: path mode
config.core.v3.ProxyProtocolConfig: version pass_through_tlvs=config.core.v3.ProxyProtocolPassThroughTLVs added_tlvs=config.core.v3.TlvEntry
config.core.v3.ProxyProtocolPassThroughTLVs: match_type tlv_type
config.core.v3.RateLimitSettings: max_tokens fill_rate
config.core.v3.RemoteDataSource: http_uri sha256 retry_policy=config.core.v3.RetryPolicy
config.core.v3.RetryPolicy.RetryHostPredicate: name typed_config
config.core.v3.RetryPolicy.RetryPriority: name typed_config
config.core.v3.RetryPolicy: retry_back_off=config.core.v3.BackoffStrategy num_retries retry_on retry_priority=config.core.v3.RetryPolicy.RetryPriority retry_host_predicate=config.core.v3.RetryPolicy.RetryHostPredicate host_selection_retry_max_attempts
config.core.v3.RuntimeDouble: default_value runtime_key
config.core.v3.RuntimeFeatureFlag: default_value runtime_key
config.core.v3.RuntimeUInt64: default_value runtime_key
config.core.v3.SelfConfigSource: transport_api_version
config.core.v3.SocketAddress: protocol address port_value named_port resolver_name ipv4_compat network_namespace_filepath
config.core.v3.SocketOption.SocketType.Datagram:
config.core.v3.SocketOption.SocketType.Stream:
config.core.v3.SocketOption.SocketType: stream=config.core.v3.SocketOption.SocketType.Stream datagram=config.core.v3.SocketOption.SocketType.Datagram
config.core.v3.SocketOption: description level name int_value buf_value state type=config.core.v3.SocketOption.SocketType ip_version
config.core.v3.SocketOptionsOverride: socket_options=config.core.v3.SocketOption
config.core.v3.SubstitutionFormatString: text_format json_format text_format_source=config.core.v3.DataSource omit_empty_values content_type formatters=config.core.v3.TypedExtensionConfig json_format_options=config.core.v3.JsonFormatOptions
config.core.v3.TcpKeepalive: keepalive_probes keepalive_time keepalive_interval
config.core.v3.TlvEntry: type value format_string=config.core.v3.SubstitutionFormatString
config.core.v3.TransportSocket: name typed_config
config.core.v3.TypedExtensionConfig: name typed_config
config.core.v3.UpstreamHttpProtocolOptions: auto_sni auto_san_validation override_auto_sni_header
config.core.v3.WatchedDirectory: path watch_modify
config.endpoint.v3.ClusterLoadAssignment.Policy.DropOverload: category drop_percentage=type.v3.FractionalPercent
config.endpoint.v3.ClusterLoadAssignment.Policy: drop_overloads=config.endpoint.v3.ClusterLoadAssignment.Policy.DropOverload overprovisioning_factor endpoint_stale_after weighted_priority_health
config.endpoint.v3.ClusterLoadAssignment: cluster_name endpoints=config.endpoint.v3.LocalityLbEndpoints named_endpoints={}config.endpoint.v3.Endpoint policy=config.endpoint.v3.ClusterLoadAssignment.Policy
config.endpoint.v3.Endpoint.AdditionalAddress: address=config.core.v3.Address
config.endpoint.v3.Endpoint.HealthCheckConfig: port_value hostname address=config.core.v3.Address disable_active_health_check
config.endpoint.v3.Endpoint: address=config.core.v3.Address health_check_config=config.endpoint.v3.Endpoint.HealthCheckConfig hostname additional_addresses=config.endpoint.v3.Endpoint.AdditionalAddress observability_name
config.endpoint.v3.LbEndpoint: endpoint=config.endpoint.v3.Endpoint endpoint_name health_status metadata=config.core.v3.Metadata load_balancing_weight
config.endpoint.v3.LedsClusterLocalityConfig: leds_config=config.core.v3.ConfigSource leds_collection_name
config.endpoint.v3.LocalityLbEndpoints.LbEndpointList: lb_endpoints=config.endpoint.v3.LbEndpoint
config.endpoint.v3.LocalityLbEndpoints: locality=config.core.v3.Locality metadata=config.core.v3.Metadata lb_endpoints=config.endpoint.v3.LbEndpoint load_balancer_endpoints=config.endpoint.v3.LocalityLbEndpoints.LbEndpointList leds_cluster_locality_config=config.endpoint.v3.LedsClusterLocalityConfig load_balancing_weight priority proximity
config.listener.v3.AdditionalAddress: address=config.core.v3.Address socket_options=config.core.v3.SocketOptionsOverride tcp_keepalive=config.core.v3.TcpKeepalive
config.listener.v3.ApiListener: api_listener
config.listener.v3.Filter: name typed_config config_discovery=config.core.v3.ExtensionConfigSource
config.listener.v3.FilterChain: filter_chain_match=config.listener.v3.FilterChainMatch filters=config.listener.v3.Filter use_proxy_proto metadata=config.core.v3.Metadata transport_socket=config.core.v3.TransportSocket transport_socket_connect_timeout name
config.listener.v3.FilterChainMatch: destination_port prefix_ranges=config.core.v3.CidrRange address_suffix suffix_len direct_source_prefix_ranges=config.core.v3.CidrRange source_type source_prefix_ranges=config.core.v3.CidrRange source_ports server_names transport_protocol application_protocols
config.listener.v3.Listener.ConnectionBalanceConfig.CpuLocalityBalance:
config.listener.v3.Listener.ConnectionBalanceConfig.ExactBalance:
config.listener.v3.Listener.ConnectionBalanceConfig: exact_balance=config.listener.v3.Listener.ConnectionBalanceConfig.ExactBalance extend_balance=config.core.v3.TypedExtensionConfig cpu_locality_balance=config.listener.v3.Listener.ConnectionBalanceConfig.CpuLocalityBalance
config.listener.v3.Listener.DeprecatedV1: bind_to_port
config.listener.v3.Listener.FcdsConfig: name config_source=config.core.v3.ConfigSource
config.listener.v3.Listener.InternalListenerConfig:
config.listener.v3.Listener: name address=config.core.v3.Address additional_addresses=config.listener.v3.AdditionalAddress stat_prefix stats_matcher=config.metrics.v3.StatsMatcher filter_chains=config.listener.v3.FilterChain fcds_config=config.listener.v3.Listener.FcdsConfig filter_chain_matcher use_original_dst default_filter_chain=config.listener.v3.FilterChain per_connection_buffer_limit_bytes per_connection_buffer_high_watermark_timeout metadata=config.core.v3.Metadata deprecated_v1=config.listener.v3.Listener.DeprecatedV1 drain_type listener_filters=config.listener.v3.ListenerFilter listener_filters_timeout continue_on_listener_filters_timeout transparent freebind socket_options=config.core.v3.SocketOption tcp_fast_open_queue_length traffic_direction udp_listener_config api_listener=config.listener.v3.ApiListener connection_balance_config=config.listener.v3.Listener.ConnectionBalanceConfig reuse_port enable_reuse_port access_log=config.accesslog.v3.AccessLog tcp_backlog_size max_connections_to_accept_per_socket_event bind_to_port internal_listener=config.listener.v3.Listener.InternalListenerConfig enable_mptcp ignore_global_conn_limit bypass_overload_manager tcp_keepalive=config.core.v3.TcpKeepalive
config.listener.v3.ListenerFilter: name typed_config config_discovery=config.core.v3.ExtensionConfigSource filter_disabled=config.listener.v3.ListenerFilterChainMatchPredicate
config.listener.v3.ListenerFilterChainMatchPredicate.MatchSet: rules=config.listener.v3.ListenerFilterChainMatchPredicate
config.listener.v3.ListenerFilterChainMatchPredicate: or_match=config.listener.v3.ListenerFilterChainMatchPredicate.MatchSet and_match=config.listener.v3.ListenerFilterChainMatchPredicate.MatchSet not_match=config.listener.v3.ListenerFilterChainMatchPredicate any_match destination_port_range=type.v3.Int32Range
config.metrics.v3.HistogramBucketSettings: match=type.matcher.v3.StringMatcher buckets bins
config.metrics.v3.StatsConfig: stats_tags=config.metrics.v3.TagSpecifier use_all_default_tags stats_matcher=config.metrics.v3.StatsMatcher histogram_bucket_settings=config.metrics.v3.HistogramBucketSettings allow_default_tag_overrides
config.metrics.v3.StatsMatcher: reject_all exclusion_list=type.matcher.v3.ListStringMatcher inclusion_list=type.matcher.v3.ListStringMatcher
config.metrics.v3.StatsSink: name typed_config
config.metrics.v3.TagSpecifier: tag_name regex fixed_value
config.overload.v3.BufferFactoryConfig: minimum_account_to_track_power_of_two
config.overload.v3.LoadShedPoint: name triggers=config.overload.v3.Trigger
config.overload.v3.OverloadAction: name triggers=config.overload.v3.Trigger typed_config
config.overload.v3.OverloadManager: refresh_interval resource_monitors=config.overload.v3.ResourceMonitor actions=config.overload.v3.OverloadAction loadshed_points=config.overload.v3.LoadShedPoint buffer_factory_config=config.overload.v3.BufferFactoryConfig
config.overload.v3.ResourceMonitor: name typed_config
config.overload.v3.ScaledTrigger: scaling_threshold saturation_threshold
config.overload.v3.ThresholdTrigger: value
config.overload.v3.Trigger: name threshold=config.overload.v3.ThresholdTrigger scaled=config.overload.v3.ScaledTrigger
extensions.access_loggers.file.v3.FileAccessLog: path format json_format typed_json_format log_format=config.core.v3.SubstitutionFormatString
extensions.access_loggers.stream.v3.StderrAccessLog: log_format=config.core.v3.SubstitutionFormatString
extensions.access_loggers.stream.v3.StdoutAccessLog: log_format=config.core.v3.SubstitutionFormatString
extensions.dynamic_modules.v3.DynamicModuleConfig: name do_not_close load_globally metrics_namespace module=config.core.v3.AsyncDataSource nack_on_cache_miss
extensions.filters.http.wasm.v3.Wasm: config=extensions.wasm.v3.PluginConfig
extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.KeyValuePair: metadata_namespace key value_string_encoding
extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.Rule: tlv_type on_tlv_present=extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.KeyValuePair
extensions.filters.listener.proxy_protocol.v3.ProxyProtocol: rules=extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.Rule allow_requests_without_proxy_protocol pass_through_tlvs=config.core.v3.ProxyProtocolPassThroughTLVs disallowed_versions stat_prefix tlv_location
extensions.filters.listener.tls_inspector.v3.TlsInspector: enable_ja3_fingerprinting enable_ja4_fingerprinting initial_read_buffer_size close_connection_on_client_hello_parsing_errors max_client_hello_size
extensions.filters.network.connection_limit.v3.ConnectionLimit: stat_prefix max_connections delay runtime_enabled=config.core.v3.RuntimeFeatureFlag
extensions.filters.network.dynamic_modules.v3.DynamicModuleNetworkFilter: dynamic_module_config=extensions.dynamic_modules.v3.DynamicModuleConfig filter_name filter_config terminal_filter
extensions.filters.network.http_connection_manager.v3.RequestIDExtension: typed_config
extensions.filters.network.tcp_proxy.v3.TcpProxy.OnDemand: odcds_config=config.core.v3.ConfigSource resources_locator timeout
extensions.filters.network.tcp_proxy.v3.TcpProxy.TcpAccessLogOptions: access_log_flush_interval flush_access_log_on_connected flush_access_log_on_start
extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig: hostname use_post headers_to_add=config.core.v3.HeaderValueOption propagate_response_headers post_path propagate_response_trailers request_id_extension=extensions.filters.network.http_connection_manager.v3.RequestIDExtension request_id_header request_id_metadata_key formatters=config.core.v3.TypedExtensionConfig
extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight: name weight metadata_match=config.core.v3.Metadata
extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster: clusters=extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight
extensions.filters.network.tcp_proxy.v3.TcpProxy: stat_prefix cluster weighted_clusters=extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster on_demand=extensions.filters.network.tcp_proxy.v3.TcpProxy.OnDemand metadata_match=config.core.v3.Metadata idle_timeout downstream_idle_timeout upstream_idle_timeout access_log=config.accesslog.v3.AccessLog max_connect_attempts backoff_options=config.core.v3.BackoffStrategy hash_policy tunneling_config=extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig max_downstream_connection_duration max_downstream_connection_duration_jitter_percentage=type.v3.Percent access_log_flush_interval flush_access_log_on_connected access_log_options=extensions.filters.network.tcp_proxy.v3.TcpProxy.TcpAccessLogOptions proxy_protocol_tlvs=config.core.v3.TlvEntry proxy_protocol_tlv_merge_policy upstream_connect_mode max_early_data_bytes check_drain_close
extensions.filters.network.wasm.v3.Wasm: config=extensions.wasm.v3.PluginConfig
extensions.resource_monitors.cgroup_memory.v3.CgroupMemoryConfig: max_memory_bytes
extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig: max_active_downstream_connections
extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig: max_heap_size_bytes max_heap_size_bytes_runtime=config.core.v3.RuntimeUInt64
extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport: config=config.core.v3.ProxyProtocolConfig transport_socket=config.core.v3.TransportSocket allow_unspecified_address tlv_as_pool_key
extensions.transport_sockets.raw_buffer.v3.RawBuffer:
extensions.transport_sockets.starttls.v3.StartTlsConfig: cleartext_socket_config=extensions.transport_sockets.raw_buffer.v3.RawBuffer tls_socket_config=extensions.transport_sockets.tls.v3.DownstreamTlsContext
extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig: cleartext_socket_config=extensions.transport_sockets.raw_buffer.v3.RawBuffer tls_socket_config=extensions.transport_sockets.tls.v3.UpstreamTlsContext
extensions.transport_sockets.tls.v3.CertificateProviderPluginInstance: instance_name certificate_name
extensions.transport_sockets.tls.v3.CertificateValidationContext.SystemRootCerts:
extensions.transport_sockets.tls.v3.CertificateValidationContext: trusted_ca=config.core.v3.DataSource ca_certificate_provider_instance=extensions.transport_sockets.tls.v3.CertificateProviderPluginInstance system_root_certs=extensions.transport_sockets.tls.v3.CertificateValidationContext.SystemRootCerts watched_directory=config.core.v3.WatchedDirectory verify_certificate_spki verify_certificate_hash match_typed_subject_alt_names=extensions.transport_sockets.tls.v3.SubjectAltNameMatcher match_subject_alt_names=type.matcher.v3.StringMatcher require_signed_certificate_timestamp crl=config.core.v3.DataSource allow_expired_certificate trust_chain_verification custom_validator_config=config.core.v3.TypedExtensionConfig only_verify_leaf_cert_crl max_verify_depth suppress_client_ca_list
extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProvider: name typed_config=config.core.v3.TypedExtensionConfig
extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProviderInstance: instance_name certificate_name
extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext: default_validation_context=extensions.transport_sockets.tls.v3.CertificateValidationContext validation_context_sds_secret_config=extensions.transport_sockets.tls.v3.SdsSecretConfig validation_context_certificate_provider=extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProvider validation_context_certificate_provider_instance=extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProviderInstance
extensions.transport_sockets.tls.v3.CommonTlsContext: tls_params=extensions.transport_sockets.tls.v3.TlsParameters tls_certificates=extensions.transport_sockets.tls.v3.TlsCertificate tls_certificate_sds_secret_configs=extensions.transport_sockets.tls.v3.SdsSecretConfig tls_certificate_provider_instance=extensions.transport_sockets.tls.v3.CertificateProviderPluginInstance custom_tls_certificate_selector=config.core.v3.TypedExtensionConfig tls_certificate_certificate_provider=extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProvider tls_certificate_certificate_provider_instance=extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProviderInstance validation_context=extensions.transport_sockets.tls.v3.CertificateValidationContext validation_context_sds_secret_config=extensions.transport_sockets.tls.v3.SdsSecretConfig combined_validation_context=extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext validation_context_certificate_provider=extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProvider validation_context_certificate_provider_instance=extensions.transport_sockets.tls.v3.CommonTlsContext.CertificateProviderInstance alpn_protocols custom_handshaker=config.core.v3.TypedExtensionConfig key_log=extensions.transport_sockets.tls.v3.TlsKeyLog
extensions.transport_sockets.tls.v3.DownstreamTlsContext: common_tls_context=extensions.transport_sockets.tls.v3.CommonTlsContext require_client_certificate require_sni session_ticket_keys=extensions.transport_sockets.tls.v3.TlsSessionTicketKeys session_ticket_keys_sds_secret_config=extensions.transport_sockets.tls.v3.SdsSecretConfig disable_stateless_session_resumption disable_stateful_session_resumption session_timeout ocsp_staple_policy full_scan_certs_on_sni_mismatch prefer_client_ciphers
extensions.transport_sockets.tls.v3.GenericSecret: secret=config.core.v3.DataSource secrets={}config.core.v3.DataSource
extensions.transport_sockets.tls.v3.PrivateKeyProvider: provider_name typed_config fallback
extensions.transport_sockets.tls.v3.SdsSecretConfig: name sds_config=config.core.v3.ConfigSource
extensions.transport_sockets.tls.v3.Secret: name tls_certificate=extensions.transport_sockets.tls.v3.TlsCertificate session_ticket_keys=extensions.transport_sockets.tls.v3.TlsSessionTicketKeys validation_context=extensions.transport_sockets.tls.v3.CertificateValidationContext generic_secret=extensions.transport_sockets.tls.v3.GenericSecret
extensions.transport_sockets.tls.v3.SubjectAltNameMatcher: san_type matcher=type.matcher.v3.StringMatcher oid
extensions.transport_sockets.tls.v3.TlsCertificate: certificate_chain=config.core.v3.DataSource private_key=config.core.v3.DataSource pkcs12=config.core.v3.DataSource watched_directory=config.core.v3.WatchedDirectory private_key_provider=extensions.transport_sockets.tls.v3.PrivateKeyProvider password=config.core.v3.DataSource ocsp_staple=config.core.v3.DataSource signed_certificate_timestamp=config.core.v3.DataSource tls_params=extensions.transport_sockets.tls.v3.TlsParameters
extensions.transport_sockets.tls.v3.TlsKeyLog: path local_address_range=config.core.v3.CidrRange remote_address_range=config.core.v3.CidrRange
extensions.transport_sockets.tls.v3.TlsParameters: tls_minimum_protocol_version tls_maximum_protocol_version cipher_suites ecdh_curves signature_algorithms compliance_policies
extensions.transport_sockets.tls.v3.TlsSessionTicketKeys: keys=config.core.v3.DataSource
extensions.transport_sockets.tls.v3.UpstreamTlsContext: common_tls_context=extensions.transport_sockets.tls.v3.CommonTlsContext sni auto_host_sni auto_sni_san_validation allow_renegotiation max_session_keys enforce_rsa_key_usage
extensions.wasm.v3.CapabilityRestrictionConfig: allowed_capabilities={}extensions.wasm.v3.SanitizationConfig
extensions.wasm.v3.EnvironmentVariables: host_env_keys key_values={}
extensions.wasm.v3.PluginConfig: name root_id vm_config=extensions.wasm.v3.VmConfig configuration fail_open failure_policy reload_config=extensions.wasm.v3.ReloadConfig capability_restriction_config=extensions.wasm.v3.CapabilityRestrictionConfig allow_on_headers_stop_iteration
extensions.wasm.v3.ReloadConfig: backoff=config.core.v3.BackoffStrategy
extensions.wasm.v3.SanitizationConfig:
extensions.wasm.v3.VmConfig: vm_id runtime code=config.core.v3.AsyncDataSource configuration allow_precompiled nack_on_code_cache_miss environment_variables=extensions.wasm.v3.EnvironmentVariables capability_restriction_config=extensions.wasm.v3.CapabilityRestrictionConfig
type.matcher.v3.DoubleMatcher: range=type.v3.DoubleRange exact
type.matcher.v3.ListMatcher: one_of=type.matcher.v3.ValueMatcher
type.matcher.v3.ListStringMatcher: patterns=type.matcher.v3.StringMatcher
type.matcher.v3.MetadataMatcher.PathSegment: key
type.matcher.v3.MetadataMatcher: filter path=type.matcher.v3.MetadataMatcher.PathSegment value=type.matcher.v3.ValueMatcher invert
type.matcher.v3.OrMatcher: value_matchers=type.matcher.v3.ValueMatcher
type.matcher.v3.RegexMatcher.GoogleRE2: max_program_size
type.matcher.v3.RegexMatcher: google_re2=type.matcher.v3.RegexMatcher.GoogleRE2 regex
type.matcher.v3.StringMatcher: exact prefix suffix safe_regex=type.matcher.v3.RegexMatcher contains custom ignore_case
type.matcher.v3.ValueMatcher.NullMatch:
type.matcher.v3.ValueMatcher: null_match=type.matcher.v3.ValueMatcher.NullMatch double_match=type.matcher.v3.DoubleMatcher string_match=type.matcher.v3.StringMatcher bool_match present_match list_match=type.matcher.v3.ListMatcher or_match=type.matcher.v3.OrMatcher
type.metadata.v3.MetadataKey.PathSegment: key index
type.metadata.v3.MetadataKey: key path=type.metadata.v3.MetadataKey.PathSegment
type.v3.DoubleRange: start end
type.v3.FractionalPercent: numerator denominator
type.v3.Int32Range: start end
type.v3.Int64Range: start end
type.v3.Percent: value
type.v3.SemanticVersion: major_number minor_number patch
`;
