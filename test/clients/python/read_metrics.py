"""Reads metrics.k8s.io with the official Python client and prints what it made of it as JSON, for a test to judge."""

import json
import sys

from kubernetes import client, config, watch

GROUP = "metrics.k8s.io"


def failure(call):
    """Status and reason of the exception that a call must end in."""
    try:
        call()
    except client.ApiException as error:
        return {"status": error.status, "reason": json.loads(error.body)["reason"]}
    return None


def first_event(api, version):
    """Type and name of the first event of a watch, or the status that refused it."""
    events = watch.Watch().stream(
        api.list_namespaced_custom_object, GROUP, version, "default", "pods", timeout_seconds=5
    )
    try:
        for event in events:
            return {"type": event["type"], "name": event["object"]["metadata"]["name"]}
    except client.ApiException as error:
        return {"status": error.status}
    return None


def read(api, version):
    """What one version of the API says."""
    nodes = api.list_cluster_custom_object(GROUP, version, "nodes")
    pods = api.list_custom_object_for_all_namespaces(GROUP, version, "pods")
    selected = api.list_namespaced_custom_object(
        GROUP, version, "default", "pods", label_selector="app in (web)", field_selector="metadata.name!=web-1"
    )
    return {
        "nodes": nodes,
        "pods": [item["metadata"]["name"] for item in pods["items"]],
        "selected": [item["metadata"]["name"] for item in selected["items"]],
        "node": api.get_cluster_custom_object(GROUP, version, "nodes", "node-a"),
        "pod": api.get_namespaced_custom_object(GROUP, version, "default", "pods", "web-0"),
        "missing": failure(
            lambda: api.get_namespaced_custom_object(GROUP, version, "default", "pods", "missing")
        ),
        "badSelector": failure(
            lambda: api.list_cluster_custom_object(GROUP, version, "nodes", label_selector="a b")
        ),
        "deleted": failure(
            lambda: api.delete_namespaced_custom_object(GROUP, version, "default", "pods", "web-0")
        ),
        "watch": first_event(api, version),
    }


def main():
    config.load_kube_config(config_file=sys.argv[1])
    api = client.CustomObjectsApi()
    json.dump({version: read(api, version) for version in ("v1", "v1beta1")}, sys.stdout)


if __name__ == "__main__":
    main()
