#!/bin/sh
# Namespace and search attributes, before any worker starts: an unknown attribute fails a workflow for ever.
set -eu
namespace="${TEMPORAL_NAMESPACE:?}"
until temporal operator cluster health >/dev/null 2>&1; do sleep 1; done
temporal operator namespace describe -n "$namespace" >/dev/null 2>&1 ||
  temporal operator namespace create -n "$namespace" --retention 30d
known="$(temporal operator search-attribute list -n "$namespace")"
for pair in $SEARCH_ATTRIBUTES; do
  case "$known" in
    *"${pair%%=*}"*) ;;
    *) temporal operator search-attribute create -n "$namespace" --name "${pair%%=*}" --type "${pair##*=}" ;;
  esac
done
