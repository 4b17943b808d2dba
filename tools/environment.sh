# shellcheck shell=bash
# The environment in which the shop's programs run in development and in tests. Source it after tools/lib.sh.
#
# Order: what the caller's environment says, then .env in the root (tools/lib.sh reads it), then the defaults here. Secrets are made once and
# kept in $STOA_VAR/secrets.env. The list with explanations is docs/reference/configuration.md; .env.example is a start.

make_secrets() {
  local file=$STOA_VAR/secrets.env
  [[ ! -s $file ]] || return 0
  mkdir -p "$STOA_VAR"
  (
    umask 077
    {
      printf '# Made once for this directory; development only.\n'
      printf 'STOA_SECRET_KEY=%s\n' "$(openssl rand -hex 32)"
      printf 'STOA_REVALIDATE_SECRET=%s\n' "$(openssl rand -hex 32)"
    } >"$file.new"
    mv "$file.new" "$file"
  )
}

# default NAME VALUE: unless it has one.
default() { [[ -v $1 ]] || export "$1=$2"; }

make_secrets
read_env_file "$STOA_VAR/secrets.env"

# Ports, all relative to the one the shop is reached at
export STOA_STOREFRONT_PORT=$((STOA_PORT + 2)) STOA_SANDBOX_PORT=$((STOA_PORT + 3)) STOA_SANDBOX_SMTP_PORT=$((STOA_PORT + 4))
default STOA_PG_PORT $((STOA_PORT + 5))
default STOA_REDIS_PORT $((STOA_PORT + 6))
default STOA_HTTP_ADDRESS 127.0.0.1
default STOA_HTTP_PORT $((STOA_PORT + 1))
default STOA_WORKER_PORT $((STOA_PORT + 7))

default STOA_ENV development
default STOA_PUBLIC_URL "http://localhost:$STOA_PORT"
default STOA_DATABASE_URL "postgresql://stoa@127.0.0.1:$STOA_PG_PORT/stoa"
default STOA_REDIS_URL "redis://127.0.0.1:$STOA_REDIS_PORT/0"
default STOA_MEDIA_DIR "$STOA_VAR/media"
default STOA_DEMO_DIR "$STOA_ROOT/demo"
default STOA_STOREFRONT_URL "http://127.0.0.1:$STOA_STOREFRONT_PORT"
default STOA_LOG_LEVEL info
# On one machine everybody has the same address.
default STOA_PAYMENTS_PER_ADDRESS 0

# Outside services: the sandbox plays them all. Its credentials are the programs' own defaults.
sandbox=http://127.0.0.1:$STOA_SANDBOX_PORT
default STOA_VENDO_URL "$sandbox/vendo"
default STOA_SENDCLOUD_URL "$sandbox/sendcloud"
default STOA_OPENSEARCH_URL "$sandbox/opensearch"
default STOA_SMTP_URL "smtp://127.0.0.1:$STOA_SANDBOX_SMTP_PORT"
unset sandbox
