#!/bin/bash
# What somebody would write instead: curl + jq + qrencode, the same request, and no journal.
# shell_refund.sh BASE_URL REFERENCE MARK [ask]: refunds 1.00, draws the QR code, then prints MARK.
# With `ask` it first puts the two questions posrefund asks before it sends anything.
set -euo pipefail
base=$1 reference=$2 mark=$3
if [ "${4-}" = ask ]; then
  curl -sS -u t_only_for_benchmarks: "$base/transaction?reference=$reference" | jq -e .amount
  curl -sS -u t_only_for_benchmarks: "$base/transaction?originalReferences=$reference" | jq -e length
fi
read -r once </proc/sys/kernel/random/uuid
reply=$(curl -sS -u t_only_for_benchmarks: "$base/refund" -H 'Accept: application/json' \
  -H 'Content-Type: application/json' -H "Idempotency-Reference: $once" \
  -d '{"reference":"'"$reference"'","description":"Order 1001 #ABCDEFGHIJ","amount":"1.00","details":{"managementSystemId":"000103030","terminalId":"1234536","accessProtocol":"OPI_NL","operatingEnvironment":"ATTENDED","merchantLanguage":"NLD"}}')
jq -r .payUrl <<<"$reply" | qrencode -t UTF8
echo "$mark"
