# The filter's lines of Envoy's log without Envoy's prefix, so that each is JSON:
#   sed -nEf envoy/pipelines/strip.sed envoy.log
# For Envoy's default --log-format; what else Envoy logs, or quotes from the wire, does not begin like this.
s/^\[[0-9: .-]+\]\[[0-9]+\]\[[a-z]+\]\[wasm\] \[[^]]+\] wasm log( [A-Za-z0-9_.-]+){0,3}: (\{"timestamp":".*\})$/\2/p
