# Makes of a finding what consumers of Suricata's EVE expect of an alert: the object "alert". All other members stay.
#   sed -nEf envoy/pipelines/strip.sed envoy.log | jq -cf envoy/pipelines/eve.jq
# EVE has 1 for the most severe. A shadow's finding was not acted on.
def acts: .shadow != true and .action != "detect";
if .event_type == "alert" then
  .alert = {
    action: (if acts then "blocked" else "allowed" end),
    signature: "SMTP Inspector \(.protection): \(.reason)",
    category: .protection,
    severity: (if acts then (if .action == "terminate" then 1 else 2 end) else 3 end)
  }
else . end
