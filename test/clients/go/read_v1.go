package main

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	api "k8s.io/metrics/pkg/apis/metrics/v1"
	client "k8s.io/metrics/pkg/client/clientset/versioned/typed/metrics/v1"
)

func readV1(ctx context.Context, metrics client.MetricsV1Interface, namespace string, watchFor time.Duration) reading {
	nodes, pods := metrics.NodeMetricses(), metrics.PodMetricses(namespace)
	result := reading{Nodes: []item{}, Pods: []item{}, Selected: []item{}, Problems: []string{}}

	nodeList, err := nodes.List(ctx, metav1.ListOptions{})
	result.note("list nodes", err)
	for _, node := range nodeList.Items {
		result.Nodes = append(result.Nodes, nodeV1(node))
	}
	podList, err := metrics.PodMetricses("").List(ctx, metav1.ListOptions{})
	result.note("list pods", err)
	for _, pod := range podList.Items {
		result.Pods = append(result.Pods, podV1(pod))
	}
	selected, err := pods.List(ctx, metav1.ListOptions{LabelSelector: "app in (web)", FieldSelector: "metadata.name!=web-1"})
	result.note("list selected pods", err)
	for _, pod := range selected.Items {
		result.Selected = append(result.Selected, podV1(pod))
	}
	if len(result.Nodes) > 0 {
		node, err := nodes.Get(ctx, result.Nodes[0].Name, metav1.GetOptions{})
		result.note("get node", err)
		result.Node = nodeV1(*node)
	}
	if len(result.Selected) > 0 {
		pod, err := pods.Get(ctx, result.Selected[0].Name, metav1.GetOptions{})
		result.note("get pod", err)
		result.Pod = podV1(*pod)
	}

	_, err = nodes.Get(ctx, "missing", metav1.GetOptions{})
	result.MissingNode = failed(err)
	_, err = pods.Get(ctx, "missing", metav1.GetOptions{})
	result.MissingPod = failed(err)
	_, err = pods.List(ctx, metav1.ListOptions{LabelSelector: "a b"})
	result.BadSelector = failed(err)

	watching, cancel := context.WithTimeout(ctx, watchFor)
	defer cancel()
	result.Watch = firstEvent(watching, pods.Watch)
	return result
}

func nodeV1(node api.NodeMetrics) item {
	result := newItem(node.ObjectMeta, node.Timestamp, node.Window)
	result.Usage = usage(node.Usage)
	return result
}

func podV1(pod api.PodMetrics) item {
	result := newItem(pod.ObjectMeta, pod.Timestamp, pod.Window)
	result.Containers = map[string]map[string]int64{}
	for _, container := range pod.Containers {
		result.Containers[container.Name] = usage(container.Usage)
	}
	return result
}
