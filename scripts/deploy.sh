#!/usr/bin/env bash
# Tests, builds and deploys one installation, step by step; stops at the first step that fails.
set -euo pipefail

usage() {
  cat >&2 <<'TEXT'
Usage: scripts/deploy.sh STAGE [OPTION]...

STAGE names the installation: dev, test, prod. Everything in it is called drs-inventory-STAGE-...

  --validate-only         check the templates and stop
  --skip-tests            do not run cargo test
  --prebuilt DIR          do not build; DIR has a zip for each function: query-handler.zip,
                          data-management-handler.zip, read-handler.zip
  --arch ARCH             arm64 (default) or x86_64
  --bucket NAME           S3 bucket for the zips; by default one is made for account and region
  --http-api              also the HTTP API for programs, infra/http-api.yaml
  --page                  also the page for people, infra/page.yaml
  --parameter NAME=VALUE  a parameter of infra/template.yaml; http-api:NAME=VALUE and page:NAME=VALUE
                          are of the other two; may be repeated
  --endpoint URL          an emulator in place of AWS
  --drs-endpoint URL      a simulator in place of DRS

Account and region are those of the AWS SDK's usual settings: AWS_PROFILE, AWS_REGION and so on.
A parameter that is not given keeps the value of the last deployment. An HTTP API or a page that was
deployed stays as it is where its option is not given.
TEXT
  exit 2
}

wrong() {
  printf 'scripts/deploy.sh: %s\n' "$1" >&2
  usage
}

stage='' validate_only='' skip_tests='' prebuilt='' arch=arm64 bucket='' endpoint='' drs_endpoint=''
http_api='' page=''
parameters=() http_api_parameters=() page_parameters=()
while [ $# -gt 0 ]; do
  option=$1
  shift
  case $option in
    --validate-only) validate_only=1; continue ;;
    --skip-tests) skip_tests=1; continue ;;
    --http-api) http_api=1; continue ;;
    --page) page=1; continue ;;
    --prebuilt|--arch|--bucket|--parameter|--endpoint|--drs-endpoint)
      [ $# -gt 0 ] || wrong "$option needs a value" ;;
    -*) wrong "there is no option $option" ;;
    *) [ -z "$stage" ] || wrong "one STAGE, please: $stage or $option"; stage=$option; continue ;;
  esac
  value=$1
  shift
  case $option in
    --prebuilt) prebuilt=$value ;;
    --arch) arch=$value ;;
    --bucket) bucket=$value ;;
    --parameter)
      case $value in
        http-api:[A-Z]*=*) http_api_parameters+=("${value#http-api:}") ;;
        page:[A-Z]*=*) page_parameters+=("${value#page:}") ;;
        [A-Z]*=*) parameters+=("$value") ;;
        *) wrong "--parameter wants NAME=VALUE, http-api:NAME=VALUE or page:NAME=VALUE, not ${value%%=*}" ;;
      esac ;;
    --endpoint) endpoint=$value ;;
    --drs-endpoint) drs_endpoint=$value ;;
  esac
done
[ -n "$stage" ] || wrong "which STAGE?"
[[ $stage =~ ^[a-z][a-z0-9]{1,15}$ ]] || wrong "STAGE is 2 to 16 lower-case letters and digits, not $stage"
[ -n "$http_api" ] || [ ${#http_api_parameters[@]} -eq 0 ] || wrong "a parameter of the HTTP API needs --http-api"
[ -n "$page" ] || [ ${#page_parameters[@]} -eq 0 ] || wrong "a parameter of the page needs --page"
case $arch in arm64|x86_64) ;; *) wrong "--arch is arm64 or x86_64, not $arch" ;; esac
# Before the script goes to its own folder, where a relative path would mean something else.
[ -z "$prebuilt" ] || prebuilt=$(realpath "$prebuilt")
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# step NAME FUNCTION: the function's last words on stderr say what is wrong, this line says where.
# It runs in a shell of its own: in a condition, bash would not stop it at its first failure.
step() {
  printf '\n== %s\n' "$1"
  set +e
  ( set -e; "$2" )
  local code=$?
  set -e
  [ $code -eq 0 ] || {
    printf 'scripts/deploy.sh: the step "%s" failed, so nothing after it was done.\n' "$1" >&2
    exit 1
  }
}

prepare() {
  scripts/python-env infra/requirements.txt > "$scratch/python"
}

validate() {
  "$python/bin/cfn-lint" infra/template.yaml infra/member-account.yaml infra/http-api.yaml infra/page.yaml
  "$python/bin/python" infra/check_policies.py
  "$python/bin/python" infra/check_doors.py
}

# Tests run code of others: this deployment's credentials are not for it. Fetching runs none.
run_tests() {
  cargo fetch --locked --quiet
  scripts/without-credentials cargo test --locked
}

build() {
  scripts/build.sh --arch "$arch" "$scratch/zips"
}

on_aws() {
  "$python/bin/python" scripts/deploy_stack.py "$@" --stage "$stage" ${endpoint:+--endpoint "$endpoint"}
}

package() {
  on_aws package --zips "$zips" --definition infra/sync.asl.json ${bucket:+--bucket "$bucket"} > "$scratch/code"
  cat "$scratch/code"
}

deploy() {
  local arguments=("Architecture=$arch") line
  [ -z "$endpoint" ] || arguments+=("EndpointUrl=$endpoint")
  [ -z "$drs_endpoint" ] || arguments+=("DrsEndpointUrl=$drs_endpoint")
  # The API answers a request for a sync at once; the sync itself may take longer than an API waits.
  [ -z "$http_api" ] || arguments+=(SyncRequests=true)
  while read -r line; do arguments+=("$line"); done < "$scratch/code"
  on_aws deploy --template infra/template.yaml "${arguments[@]}" ${parameters[@]+"${parameters[@]}"}
}

deploy_http_api() {
  on_aws deploy --part http-api --template infra/http-api.yaml ${http_api_parameters[@]+"${http_api_parameters[@]}"}
}

deploy_page() {
  on_aws deploy --part page --template infra/page.yaml ${page_parameters[@]+"${page_parameters[@]}"} > "$scratch/page"
  cat "$scratch/page"
}

# Until then read-handler answers no load balancer. Everything else keeps its value.
let_page_in() {
  local signer client
  signer=$(sed -n 's/^SignerArn=//p' "$scratch/page")
  client=$(sed -n 's/^ClientId=//p' "$scratch/page")
  on_aws deploy --template infra/template.yaml "PageSignerArn=$signer" "PageClientId=$client" \
    "ArtifactBucket=$(sed -n 's/^ArtifactBucket=//p' "$scratch/code")"
}

smoke_test() {
  on_aws smoke-test
}

step "prepare" prepare
python=$(cat "$scratch/python")
step "validate" validate
[ -z "$validate_only" ] || exit 0
[ -n "$skip_tests" ] || step "test" run_tests
zips=${prebuilt:-$scratch/zips}
[ -n "$prebuilt" ] || step "build" build
step "package" package
step "deploy" deploy
step "smoke-test" smoke_test
[ -z "$http_api" ] || step "http-api" deploy_http_api
[ -z "$page" ] || step "page" deploy_page
[ -z "$page" ] || step "let the page in" let_page_in
printf '\ndeployed: drs-inventory-%s\n' "$stage"
