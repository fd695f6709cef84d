// Reads metrics.k8s.io with Go's typed clients, as autoscalers and dashboards do, and prints what they made of it as
// JSON. What is right or wrong is for the test to say: `go-clients.test.ts` beside this folder.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	metrics "k8s.io/metrics/pkg/client/clientset/versioned"
)

const protobuf = runtime.ContentTypeProtobuf

func main() {
	kubeconfig := flag.String("kubeconfig", "", "file that says where the API server is and who asks")
	namespace := flag.String("namespace", "default", "of the pods to read")
	watchFor := flag.Duration("watch", 5*time.Second, "how long a watch may take to bring its first event")
	flag.Parse()
	if err := run(*kubeconfig, *namespace, *watchFor); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kubeconfig, namespace string, watchFor time.Duration) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("cannot use -kubeconfig=%s: %w", kubeconfig, err)
	}
	config.ContentType = protobuf
	// Nothing else is accepted, so that an answer in JSON would be an error and not a detour.
	config.AcceptContentTypes = protobuf
	seen := &contentTypes{}
	config.Wrap(seen.wrap)
	clients, err := metrics.NewForConfig(rest.AddUserAgent(config, "tacho-test"))
	if err != nil {
		return fmt.Errorf("cannot make clients: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*watchFor+20*time.Second)
	defer cancel()
	report := map[string]any{
		"v1":      readV1(ctx, clients.MetricsV1(), namespace, watchFor),
		"v1beta1": readV1beta1(ctx, clients.MetricsV1beta1(), namespace, watchFor),
	}
	report["contentTypes"] = seen.sorted()
	return json.NewEncoder(os.Stdout).Encode(report)
}

// contentTypes keeps what servers called their answers.
type contentTypes struct {
	mutex sync.Mutex
	seen  map[string]bool
}

func (c *contentTypes) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(request *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(request)
		if err == nil {
			c.mutex.Lock()
			defer c.mutex.Unlock()
			if c.seen == nil {
				c.seen = map[string]bool{}
			}
			c.seen[response.Header.Get("Content-Type")] = true
		}
		return response, err
	})
}

func (c *contentTypes) sorted() []string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	types := []string{}
	for name := range c.seen {
		types = append(types, name)
	}
	slices.Sort(types)
	return types
}

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }
