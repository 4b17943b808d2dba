# shellcheck shell=bash disable=SC2154 # scratch and output come from the runner
# make run and make stop, with small stand-ins for the programs, and the one origin that nginx makes of them.

# A tree of its own with the real scripts and configuration
prepare() {
  tree=$scratch/tree
  mkdir -p "$tree/build/release" "$tree/tools"
  cp -r tools/{lib.sh,environment.sh,run,stop,status,supervise,cluster} "$tree/tools/"
  cp -r deploy "$tree/"
  cp -r tools/tests/fixtures/shop/bin "$tree/build/release/"
  cp -r tools/tests/fixtures/shop/web "$tree/"
  cp tools/tests/fixtures/shop/build "$tree/tools/build"
  printf '#!/bin/sh\n' >"$tree/tools/mail-templates"
  chmod +x "$tree/tools/mail-templates"
  base=$(bash -c 'source tools/lib.sh; free_port_base ""')
  export STOA_PORT=$base STOA_VAR=$tree/var STOA_DETACH=1 STOA_SKIP_BOOTSTRAP=1
  origin=http://127.0.0.1:$base
  var=$STOA_VAR
}

cleanup() {
  [[ ! -d ${tree:-/nowhere} ]] || {
    "$tree/tools/stop" >/dev/null
    "$tree/tools/cluster" stop --throwaway >/dev/null
  }
}

begin() {
  prepare
  "$tree/tools/run" >"$scratch/run.log" 2>&1 || { cat "$scratch/run.log"; return 1; }
}

pid_of() { cut -d' ' -f1 "$var/run/$1.pid"; }
get() { curl -sS -m 10 "$@"; }
header() { get -o /dev/null -D - "${@:2}" | tr -d '\r' | sed -n "s/^$1: //Ip"; }

test_a_second_run_restarts_nothing_and_a_third_only_what_changed_or_died() {
  begin
  contains "$(<"$scratch/run.log")" "The shop runs."
  contains "$(<"$scratch/run.log")" "Login         shopper@stoa.example with password"
  local before after name
  before=$(cat "$var"/run/{sandbox,serve,worker,storefront,nginx,supervisor}.pid)
  "$tree/tools/run" >"$scratch/again.log" 2>&1
  same "$(cat "$var"/run/{sandbox,serve,worker,storefront,nginx,supervisor}.pid)" "$before"
  same "$(<"$tree/web/builds")" built
  same "$(<"$tree/web/admin-builds")" built

  # A new program, and one that was killed together with the supervisor
  printf '# newer\n' >>"$tree/build/release/bin/stoa"
  local sandbox nginx
  sandbox=$(pid_of sandbox) nginx=$(pid_of nginx)
  "$tree/tools/run" >"$scratch/third.log" 2>&1
  same "$(pid_of sandbox)" "$sandbox"
  same "$(pid_of nginx)" "$nginx"
  for name in serve worker; do
    after=$(pid_of "$name")
    [[ $before != *"$after "* ]] || { echo "$name was not restarted"; return 1; }
  done
  "$tree/tools/status"
  "$tree/tools/stop"
  refuses "$tree/tools/status"
  refuses curl -sS "$origin/"
}

test_in_the_foreground_it_tells_what_happens_and_ends_with_everything() {
  prepare
  STOA_DETACH='' "$tree/tools/run" >"$scratch/run.log" 2>&1 &
  local run=$! serve
  for _ in {1..300}; do
    ! grep -q 'Ctrl-C stops it' "$scratch/run.log" || break
    sleep 0.1
  done
  serve=$(pid_of serve)
  kill -KILL "$serve"
  for _ in {1..100}; do
    ! grep -q 'serve ended; starting it again' "$scratch/run.log" || break
    sleep 0.1
  done
  contains "$(<"$scratch/run.log")" "serve ended; starting it again in 1 s"
  kill -TERM "$run"
  wait "$run" || true
  contains "$(<"$scratch/run.log")" "Stopped."
  refuses "$tree/tools/status"
}

test_a_killed_program_and_a_killed_supervisor_come_back() {
  begin
  local serve
  serve=$(pid_of serve)
  kill -KILL "$serve"
  for _ in {1..100}; do
    [[ $(pid_of serve 2>/dev/null) == "$serve" ]] || ! get -f "http://127.0.0.1:$((base + 1))/readyz" || break
    sleep 0.1
  done
  get -f "http://127.0.0.1:$((base + 1))/readyz"
  kill -KILL "$(pid_of supervisor)" "$(pid_of storefront)"
  "$tree/tools/run" >"$scratch/again.log" 2>&1 || { cat "$scratch/again.log"; return 1; }
  get -f "$origin/en" >/dev/null
}

test_a_port_in_use_is_said_before_anything_long() {
  prepare
  node -e "require('net').createServer().listen($((base + 2)), '127.0.0.1')" &
  local other=$!
  for _ in {1..50}; do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$((base + 2))") 2>/dev/null || break
    sleep 0.1
  done
  refuses "$tree/tools/run"
  kill "$other"
  contains "$output" "Port $((base + 2)), wanted for the storefront, is in use by node"
  [[ ! -d $var/pg ]]
}

test_the_ports_of_the_servers_count_too() {
  prepare
  node -e "require('net').createServer().listen($((base + 6)), '127.0.0.1')" &
  local other=$!
  for _ in {1..50}; do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$((base + 6))") 2>/dev/null || break
    sleep 0.1
  done
  refuses "$tree/tools/run"
  kill "$other"
  contains "$output" "Port $((base + 6)), wanted for Redis, is in use by node"
  [[ ! -d $var/pg ]]
}

test_a_step_stops_at_its_first_failure() {
  prepare
  # One of the copies of the storefront does not work.
  mkdir "$scratch/bin"
  printf '#!/bin/bash\n[[ "$*" != *.next/static/.* ]] || { echo "cp: no space" >&2; exit 1; }\nexec %s "$@"\n' "$(command -v cp)" >"$scratch/bin/cp"
  chmod 755 "$scratch/bin/cp"
  refuses env PATH="$scratch/bin:$PATH" "$tree/tools/run"
  contains "$output" "cp: no space"
  [[ $output != *"PostgreSQL and Redis"* ]]
  same "$(find "$var/storefront" -name .complete)" ""
  "$tree/tools/run" >/dev/null
  get -f "$origin/en" >/dev/null
}

test_only_this_machine_reaches_it_unless_it_is_said() {
  begin
  local listens
  listens=$(ss -ltnH "sport = :$base" | awk '{ print $4 }' | sort | tr '\n' ' ')
  [[ $listens == "127.0.0.1:$base " || $listens == "127.0.0.1:$base [::1]:$base " ]] || { echo "$listens"; return 1; }
  same "$(get -o /dev/null -w '%{http_code}' "http://localhost:$base/en")" 200
  STOA_LISTEN=0.0.0.0 "$tree/tools/run" >"$scratch/again.log" 2>&1 || { cat "$scratch/again.log"; return 1; }
  same "$(ss -ltnH "sport = :$base" | awk '{ print $4 }')" "0.0.0.0:$base"
}

test_a_program_that_does_not_start_is_named_with_its_log() {
  prepare
  mkdir -p "$var/media"
  touch "$var/media/broken"
  sed -i 's/readyz" 120/readyz" 3/' "$tree/tools/run"
  refuses "$tree/tools/run"
  contains "$output" "the catalogue cannot be read"
  contains "$output" "serve does not answer at http://127.0.0.1:$((base + 1))/readyz."
  contains "$output" "var/log/serve.log"
  # The same command again is the way out.
  rm "$var/media/broken"
  sed -i 's/readyz" 3/readyz" 120/' "$tree/tools/run"
  "$tree/tools/run" >/dev/null
}

test_a_disk_without_room_is_said() {
  prepare
  # shellcheck disable=SC2016
  sed -i 's/need_space "$STOA_VAR" 1500/need_space "$STOA_VAR" 900000000/' "$tree/tools/run"
  refuses "$tree/tools/run"
  contains "$output" "MB are free on the disk of"
  contains "$output" "STOA_VAR="
}

test_public_pages_are_kept_for_a_moment_and_private_ones_never() {
  begin
  get "$origin/en/p/chair" >/dev/null
  same "$(get "$origin/en/p/chair")" "page /en/p/chair 1"
  same "$(header X-Cache "$origin/en/p/chair")" HIT
  same "$(header Cache-Control "$origin/en/p/chair")" "public, max-age=0, s-maxage=5, stale-while-revalidate=15"
  # The same address as flight data is another thing.
  same "$(get -H 'rsc: 1' "$origin/en/p/chair")" "flight /en/p/chair 2"
  same "$(get "$origin/en/account")" "account 1"
  same "$(get "$origin/en/account")" "account 2"
  same "$(header Cache-Control "$origin/en/account")" "private, no-store"
  # What was seen is still served while the storefront is away, what was not seen gets a page that says so.
  kill -STOP "$(pid_of supervisor)"
  kill -KILL "$(pid_of storefront)"
  same "$(get "$origin/en/p/chair")" "page /en/p/chair 1"
  contains "$(get "$origin/en/p/table")" "Back in a moment"
  same "$(get -o /dev/null -w '%{http_code}' "$origin/en/p/table")" 502
  kill -CONT "$(pid_of supervisor)"
}

test_the_origin_sends_each_path_where_it_belongs() {
  begin
  same "$(get -o /dev/null -w '%{http_code}' -X POST "$origin/internal/revalidate")" 404
  same "$(get -o /dev/null -w '%{http_code}' -X POST "$origin/%69nternal/revalidate")" 404

  local echo
  echo=$(get -H 'X-Forwarded-For: 1.2.3.4' -H 'X-Request-Id: abc-12345' "$origin/api/v1/echo")
  same "$(jq -r '."x-forwarded-for"' <<<"$echo")" 127.0.0.1
  same "$(jq -r '."x-request-id"' <<<"$echo")" abc-12345
  same "$(jq -r .host <<<"$echo")" "127.0.0.1:$base"
  same "$(header X-Request-Id -H 'X-Request-Id: abc-12345' "$origin/api/v1/echo")" abc-12345
  [[ $(header X-Request-Id -H 'X-Request-Id: {bad}' "$origin/api/v1/echo") =~ ^[0-9a-f]{32}$ ]]

  # Built files come from the disk, compressed beforehand, for good.
  same "$(header Content-Encoding -H 'Accept-Encoding: gzip' "$origin/_next/static/chunks/app-0123.js")" gzip
  same "$(header Cache-Control "$origin/_next/static/chunks/app-0123.js")" "public, max-age=31536000, immutable"
  same "$(header X-Content-Type-Options "$origin/_next/static/chunks/app-0123.js")" nosniff
  # The storefront says what its pages may load; what nginx sends with everything comes once.
  same "$(header Content-Security-Policy "$origin/en")" "frame-ancestors 'none'"
  same "$(header X-Frame-Options "$origin/en")" DENY
  same "$(header X-Powered-By "$origin/en")" ""

  # The back office is one page for all its addresses; its files are there or not.
  same "$(get -o /dev/null -w '%{http_code} %{redirect_url}' "$origin/admin")" "308 $origin/admin/"
  contains "$(get "$origin/admin/")" "office page"
  contains "$(get "$origin/admin/r/products/prod_1?tab=history")" "office page"
  same "$(header Cache-Control "$origin/admin/orders")" no-cache
  contains "$(header Content-Security-Policy "$origin/admin/orders")" "default-src 'self'"
  same "$(header X-Frame-Options "$origin/admin/")" DENY
  same "$(get "$origin/admin/theme.js")" "// theme"
  same "$(header Content-Encoding -H 'Accept-Encoding: gzip' "$origin/admin/assets/app-0123.js")" gzip
  same "$(header Cache-Control "$origin/admin/assets/app-0123.js")" "public, max-age=31536000, immutable"
  same "$(get -o /dev/null -w '%{http_code}' "$origin/admin/assets/gone.js")" 404

  # One kept picture for each kind of browser
  same "$(header Content-Type -H 'Accept: image/avif,image/webp,*/*' "$origin/media/1/2/a.webp")" image/avif
  same "$(header Content-Type -H 'Accept: image/png,image/avif;q=0.9' "$origin/media/1/2/a.webp")" image/avif
  same "$(header X-Cache -H 'Accept: image/png,image/avif;q=0.9' "$origin/media/1/2/a.webp")" HIT
  same "$(header Content-Type -H 'Accept: */*' "$origin/media/1/2/a.webp")" image/jpeg
  # Nobody gets what they say they cannot show.
  same "$(header Content-Type -H 'Accept: image/avif;q=0,image/webp' "$origin/media/1/2/a.webp")" image/webp
  same "$(header Content-Type -H 'Accept: image/avif ; q=0.0, image/webp;q=0.000' "$origin/media/1/2/a.webp")" image/jpeg
  same "$(header Content-Type -H 'Accept: image/avif;q=0.05' "$origin/media/1/2/a.webp")" image/avif

  # The log has the path and no query.
  get "$origin/api/v1/echo?token=ort_secret" >/dev/null
  sleep 1.5
  contains "$(<"$var/log/access.log")" '"path":"/api/v1/echo"'
  refuses grep -q ort_secret "$var/log/access.log"
  jq -e . "$var/log/access.log" >/dev/null
}

test_the_secret_in_a_providers_address_is_in_no_log() {
  begin
  get -X POST "$origin/hooks/vendo/s3cret" -d a=b >/dev/null
  get "$origin/hooks/vendo/s3cret" >/dev/null
  get -X POST "$origin/%68ooks/vendo/s3cret" -d a=b >/dev/null
  # Too large, and nobody there who takes it
  head -c 3000000 /dev/zero | get -X POST --data-binary @- "$origin/hooks/vendo/s3cret" >/dev/null
  kill -STOP "$(pid_of supervisor)"
  kill -KILL "$(pid_of serve)"
  same "$(get -o /dev/null -w '%{http_code}' -X POST "$origin/hooks/vendo/s3cret" -d a=b)" 503
  kill -CONT "$(pid_of supervisor)"
  sleep 1.5
  contains "$(<"$var/log/access.log")" '"path":"/hooks/"'
  refuses grep -r s3cret "$var/log"
}

test_streams_flow_uploads_are_limited_and_a_missing_api_says_so() {
  begin
  local first
  first=$(curl -sN -m 2 "$origin/api/v1/stream" || true)
  contains "$first" "data: first"
  head -c 20000000 /dev/zero >"$scratch/fits"
  head -c 27000000 /dev/zero >"$scratch/too-big"
  same "$(get --data-binary @"$scratch/fits" "$origin/api/v1/upload")" 20000000
  same "$(get -o /dev/null -w '%{http_code}' --data-binary @"$scratch/too-big" "$origin/api/v1/upload")" 413
  # What nginx refuses by itself is a problem document where programs ask, and a page elsewhere.
  local long
  long=$(head -c 20000 /dev/zero | tr '\0' a)
  refused() { get -w '\n%{http_code} %{content_type}' "$@" | sed 's/.*"status":\([0-9]*\).*"code":"\([^"]*\)".*/\1 \2/' | paste -sd' '; }
  same "$(refused --data-binary @"$scratch/too-big" "$origin/api/v1/upload")" "413 http.body_too_large 413 application/problem+json"
  same "$(refused --data-binary @"$scratch/fits" "$origin/hooks/vendo/x")" "413 http.body_too_large 413 application/problem+json"
  same "$(refused "$origin/api/v1/x%00")" "400 http.bad_target 400 application/problem+json"
  same "$(refused "$origin/api/v1/x?y=$long")" "431 http.headers_too_large 431 application/problem+json"
  same "$(refused -H "X-Long: $long" "$origin/api/v1/echo")" "431 http.headers_too_large 431 application/problem+json"
  same "$(get -o /dev/null -w '%{http_code} %{content_type}' "$origin/en/x%00")" "400 text/html"
  same "$(get -o /dev/null -w '%{http_code}' "$origin/refused/400/problem")" 404
  kill -STOP "$(pid_of supervisor)"
  kill -KILL "$(pid_of serve)"
  local answer
  answer=$(get -w '\n%{http_code} %{content_type}' "$origin/api/v1/echo")
  same "$(tail -n 1 <<<"$answer")" "503 application/problem+json"
  same "$(head -n 1 <<<"$answer" | jq -r .code)" http.unavailable
  kill -CONT "$(pid_of supervisor)"
}
