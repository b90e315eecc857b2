#!/usr/bin/env bash
# Tests, builds and deploys one installation, step by step; stops at the first step that fails. Or puts
# it back: what was changed by hand, or the code of the release before.
set -euo pipefail

usage() {
  cat >&2 <<'TEXT'
Usage: scripts/deploy.sh STAGE [OPTION]...

STAGE names the installation: dev, test, prod. Everything in it is called drs-inventory-STAGE-...

  --expect-account ID     refuse credentials of any other account, before anything is made
  --yes                   run each change as it is shown; without it, each is asked about on the terminal
  --validate-only         check the templates and stop
  --repair                put back what was changed by hand; needs no build
  --rollback-code         let the versions of the release before serve; needs no build
  --skip-tests            do not run cargo test
  --prebuilt DIR          do not build; DIR has a zip for each function: query-handler.zip,
                          data-management-handler.zip, read-handler.zip
  --arch ARCH             arm64 (default) or x86_64
  --signing-profile NAME  have AWS Signer sign the zips; docs/supply-chain.md says what else that needs
  --bucket NAME           S3 bucket for the zips; by default one is made for account and region
  --http-api              also the HTTP API for programs, infra/http-api.yaml
  --page                  also the page for people, infra/page.yaml
  --parameter NAME=VALUE  a parameter of infra/template.yaml; http-api:NAME=VALUE and page:NAME=VALUE
                          are of the other two; may be repeated
  --tag KEY=VALUE         a tag of all that is made; may be repeated, and then names all tags
  --no-alarm-topic        deploy prod although AlarmTopicArn is empty, so that nobody is told of alarms
  --watch MINUTES         take a release back if live-errors rings so soon after it: 0 to 180, by default 5
  --endpoint URL          an emulator in place of AWS
  --drs-endpoint URL      a simulator in place of DRS

Account and region are those of the AWS SDK's usual settings: AWS_PROFILE, AWS_REGION and so on.
DRS_INVENTORY_DEFAULT_EXTERNAL_ID is the parameter DefaultExternalId, out of the list of processes.
DRS_INVENTORY_ORGANIZATION_EXTERNAL_ID is OrganizationExternalId, likewise.
A parameter that is not given keeps the value of the last deployment. An HTTP API or a page that was
deployed stays as it is where its option is not given.
TEXT
  exit 2
}

wrong() {
  printf 'scripts/deploy.sh: %s\n' "$1" >&2
  usage
}

stage='' validate_only='' skip_tests='' prebuilt='' arch=arm64 signing_profile='' bucket='' endpoint='' drs_endpoint=''
http_api='' page='' act=deploy common=() watch=5
parameters=() http_api_parameters=() page_parameters=()
while [ $# -gt 0 ]; do
  option=$1
  shift
  case $option in
    --validate-only) validate_only=1; continue ;;
    --skip-tests) skip_tests=1; continue ;;
    --http-api) http_api=1; continue ;;
    --page) page=1; continue ;;
    --yes|--no-alarm-topic) common+=("$option"); continue ;;
    --repair|--rollback-code)
      [ "$act" = deploy ] || wrong "--repair or --rollback-code, one of the two"
      act=${option#--}; continue ;;
    --prebuilt|--arch|--signing-profile|--bucket|--parameter|--endpoint|--drs-endpoint|--expect-account|--tag|--watch)
      [ $# -gt 0 ] || wrong "$option needs a value" ;;
    -*) wrong "there is no option $option" ;;
    *) [ -z "$stage" ] || wrong "one STAGE, please: $stage or $option"; stage=$option; continue ;;
  esac
  value=$1
  shift
  case $option in
    --prebuilt) prebuilt=$value ;;
    --arch) arch=$value ;;
    --signing-profile)
      [[ $value =~ ^[A-Za-z0-9_]{2,64}$ ]] || wrong "--signing-profile wants 2 to 64 letters, digits and _, not $value"
      signing_profile=$value ;;
    --bucket) bucket=$value ;;
    --parameter)
      case $value in
        http-api:[A-Z]*=*) http_api_parameters+=("${value#http-api:}") ;;
        page:[A-Z]*=*) page_parameters+=("${value#page:}") ;;
        [A-Z]*=*) parameters+=("$value") ;;
        *) wrong "--parameter wants NAME=VALUE, http-api:NAME=VALUE or page:NAME=VALUE, not ${value%%=*}" ;;
      esac ;;
    --expect-account)
      [[ $value =~ ^[0-9]{12}$ ]] || wrong "--expect-account wants the 12 digits of an account, not $value"
      common+=(--expect-account "$value") ;;
    --tag)
      [[ $value =~ ^[^=]+=. ]] || wrong "--tag wants KEY=VALUE, not $value"
      common+=(--tag "$value") ;;
    --watch)
      [[ $value =~ ^[0-9]{1,3}$ && $value -le 180 ]] || wrong "--watch wants 0 to 180 minutes, not $value"
      watch=$value ;;
    --endpoint) endpoint=$value ;;
    --drs-endpoint) drs_endpoint=$value ;;
  esac
done
[ -n "$stage" ] || wrong "which STAGE?"
[[ $stage =~ ^[a-z][a-z0-9]{1,15}$ ]] || wrong "STAGE is 2 to 16 lower-case letters and digits, not $stage"
[ -n "$http_api" ] || [ ${#http_api_parameters[@]} -eq 0 ] || wrong "a parameter of the HTTP API needs --http-api"
[ -n "$page" ] || [ ${#page_parameters[@]} -eq 0 ] || wrong "a parameter of the page needs --page"
[ "$act" = deploy ] || [ ${#parameters[@]}${http_api}${page} = 0 ] ||
  wrong "--$act works with what is deployed: it takes no --parameter, --http-api or --page"
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
  "$python/bin/python" scripts/deploy_stack.py "$@" --stage "$stage" --watch "$watch" \
    ${common[@]+"${common[@]}"} ${endpoint:+--endpoint "$endpoint"}
}

check() {
  local arguments=()
  # Whoever repairs at night is not held up by what a deployment asks for.
  [ "$act" = deploy ] || arguments+=(--no-alarm-topic)
  on_aws check ${arguments[@]+"${arguments[@]}"} ${parameters[@]+"${parameters[@]}"}
}

repair() {
  on_aws repair
}

rollback_code() {
  on_aws rollback-code
}

package() {
  on_aws package --zips "$zips" --definition infra/sync.asl.json ${bucket:+--bucket "$bucket"} > "$scratch/code"
  cat "$scratch/code"
}

# In the list of what to deploy, signed zips take the place of those that were uploaded.
sign() {
  "$python/bin/python" scripts/sign.py --profile "$signing_profile" ${endpoint:+--endpoint "$endpoint"} \
    < "$scratch/code" > "$scratch/signed"
  mv "$scratch/signed" "$scratch/code"
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
  on_aws deploy --part page --template infra/page.yaml ${page_parameters[@]+"${page_parameters[@]}"} |
    tee "$scratch/page"
}

# Until then read-handler answers no load balancer. Everything else keeps its value.
let_page_in() {
  local signer client
  signer=$(sed -n 's/^SignerArn=//p' "$scratch/page")
  client=$(sed -n 's/^ClientId=//p' "$scratch/page")
  on_aws deploy --template infra/template.yaml "PageSignerArn=$signer" "PageClientId=$client" \
    "ArtifactBucket=$(sed -n 's/^ArtifactBucket=//p' "$scratch/code")"
}

step "prepare" prepare
python=$(cat "$scratch/python")
[ -n "$validate_only" ] || step "check account and settings" check
if [ "$act" != deploy ]; then
  step "$act" "${act//-/_}"
  exit 0
fi
step "validate" validate
[ -z "$validate_only" ] || exit 0
[ -n "$skip_tests" ] || step "test" run_tests
zips=${prebuilt:-$scratch/zips}
[ -n "$prebuilt" ] || step "build" build
step "package" package
[ -z "$signing_profile" ] || step "sign" sign
step "deploy" deploy
[ -z "$http_api" ] || step "http-api" deploy_http_api
[ -z "$page" ] || step "page" deploy_page
[ -z "$page" ] || step "let the page in" let_page_in
printf '\ndeployed: drs-inventory-%s\n' "$stage"
