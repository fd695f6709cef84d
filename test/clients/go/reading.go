package main

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
)

// reading is what one version of the API said.
type reading struct {
	Nodes       []item   `json:"nodes"`
	Pods        []item   `json:"pods"`
	Selected    []item   `json:"selected"`
	Node        item     `json:"node"`
	Pod         item     `json:"pod"`
	MissingNode failure  `json:"missingNode"`
	MissingPod  failure  `json:"missingPod"`
	BadSelector failure  `json:"badSelector"`
	Watch       watched  `json:"watch"`
	Problems    []string `json:"problems"`
}

type item struct {
	Name       string                      `json:"name"`
	Namespace  string                      `json:"namespace,omitempty"`
	Labels     map[string]string           `json:"labels,omitempty"`
	AgeMs      int64                       `json:"ageMs"`
	WindowMs   int64                       `json:"windowMs"`
	Usage      map[string]int64            `json:"usage,omitempty"`
	Containers map[string]map[string]int64 `json:"containers,omitempty"`
}

// failure is an error as client-go classifies it.
type failure struct {
	Message     string `json:"message"`
	NotFound    bool   `json:"notFound"`
	BadRequest  bool   `json:"badRequest"`
	Unsupported bool   `json:"unsupported"`
}

// watched is how a watch went on: its error, or its first event.
type watched struct {
	Failure failure `json:"failure"`
	Type    string  `json:"type,omitempty"`
	Name    string  `json:"name,omitempty"`
}

// usage in thousandths of a core and in bytes, as autoscalers take it.
func usage(list corev1.ResourceList) map[string]int64 {
	numbers := map[string]int64{}
	for name, quantity := range list {
		if name == corev1.ResourceCPU {
			numbers[string(name)] = quantity.MilliValue()
		} else {
			numbers[string(name)] = quantity.Value()
		}
	}
	return numbers
}

func newItem(meta metav1.ObjectMeta, timestamp metav1.Time, window metav1.Duration) item {
	return item{
		Name:      meta.Name,
		Namespace: meta.Namespace,
		Labels:    meta.Labels,
		AgeMs:     time.Since(timestamp.Time).Milliseconds(),
		WindowMs:  window.Milliseconds(),
	}
}

func failed(err error) failure {
	if err == nil {
		return failure{}
	}
	return failure{
		Message:     err.Error(),
		NotFound:    apierrors.IsNotFound(err),
		BadRequest:  apierrors.IsBadRequest(err),
		Unsupported: apierrors.IsMethodNotSupported(err),
	}
}

// note keeps an error that nobody expected.
func (r *reading) note(what string, err error) {
	if err != nil {
		r.Problems = append(r.Problems, what+": "+err.Error())
	}
}

// firstEvent waits for the first event of a watch, which is ended then.
func firstEvent(ctx context.Context, start func(context.Context, metav1.ListOptions) (watch.Interface, error)) watched {
	stream, err := start(ctx, metav1.ListOptions{})
	if err != nil {
		return watched{Failure: failed(err)}
	}
	defer stream.Stop()
	select {
	case event, open := <-stream.ResultChan():
		if !open {
			return watched{Failure: failure{Message: "the watch ended before its first event"}}
		}
		if event.Type == watch.Error {
			return watched{Failure: failed(apierrors.FromObject(event.Object)), Type: string(event.Type)}
		}
		return watched{Type: string(event.Type), Name: nameOf(event.Object)}
	case <-ctx.Done():
		return watched{Failure: failure{Message: "no event of the watch in time"}}
	}
}

func nameOf(object runtime.Object) string {
	if named, ok := object.(metav1.Object); ok {
		return named.GetName()
	}
	return ""
}
