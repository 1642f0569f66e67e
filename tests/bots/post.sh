#!/bin/sh
# Posts what comes on the standard input into a room, once, whatever breaks meanwhile:
#   uptime | MARU_URL=https://chat.example.org MARU_TOKEN=maru_pat_… ROOM=4096 sh post.sh
# Its token needs the scope messages:write.
set -eu
id="post-$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')"
# As JSON: any text may come.
tab=$(printf '\t')
json=$(sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e "s/$tab/\\\\t/g" | awk 'NR > 1 { printf "%s", "\\n" } { printf "%s", $0 }')
exec curl --silent --show-error --fail-with-body --retry 5 --retry-all-errors \
  --header "authorization: Bearer $MARU_TOKEN" --header 'content-type: application/json' \
  --data "{\"text\":\"$json\",\"client_id\":\"$id\"}" \
  "$MARU_URL/api/v1/rooms/$ROOM/messages"
