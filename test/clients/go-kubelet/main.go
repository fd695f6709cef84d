// Reads what a kubelet's clients read, with what they read it with: Prometheus' own text parser and the kubelet's types.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"
)

// sample is one series of a page. Its value is a text, since JSON has no NaN.
type sample struct {
	Labels      map[string]string `json:"labels"`
	Value       string            `json:"value"`
	TimestampMs *int64            `json:"timestampMs,omitempty"`
}

// family is what one name has.
type family struct {
	Type    string   `json:"type"`
	Help    string   `json:"help"`
	Samples []sample `json:"samples"`
}

// reading is what the program prints.
type reading struct {
	Pages     map[string]map[string]family `json:"pages"`
	Summaries map[string]stats.Summary     `json:"summaries"`
}

func main() {
	pages := flag.String("pages", "", "URLs of pages in Prometheus' text format, with commas between")
	summaries := flag.String("summaries", "", "URLs of summaries, with commas between")
	flag.Parse()
	if err := read(split(*pages), split(*summaries)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(pages, summaries []string) error {
	said := reading{Pages: map[string]map[string]family{}, Summaries: map[string]stats.Summary{}}
	for _, url := range pages {
		families, err := page(url)
		if err != nil {
			return fmt.Errorf("%s: %w", url, err)
		}
		said.Pages[url] = families
	}
	for _, url := range summaries {
		summary, err := summaryOf(url)
		if err != nil {
			return fmt.Errorf("%s: %w", url, err)
		}
		said.Summaries[url] = summary
	}
	return json.NewEncoder(os.Stdout).Encode(said)
}

func page(url string) (map[string]family, error) {
	body, header, err := get(url)
	if err != nil {
		return nil, err
	}
	if format := expfmt.ResponseFormat(header); format.FormatType() != expfmt.TypeTextPlain {
		return nil, fmt.Errorf("content type %q is no text format", header.Get("Content-Type"))
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	parsed, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	families := map[string]family{}
	for name, each := range parsed {
		families[name] = familyOf(each)
	}
	return families, nil
}

func familyOf(parsed *dto.MetricFamily) family {
	said := family{Type: parsed.GetType().String(), Help: parsed.GetHelp()}
	for _, metric := range parsed.GetMetric() {
		labels := map[string]string{}
		for _, pair := range metric.GetLabel() {
			labels[pair.GetName()] = pair.GetValue()
		}
		value := metric.GetGauge().GetValue() + metric.GetCounter().GetValue() + metric.GetUntyped().GetValue()
		said.Samples = append(said.Samples, sample{labels, strconv.FormatFloat(value, 'g', -1, 64), metric.TimestampMs})
	}
	return said
}

// summaryOf knows every field: one that the kubelet has not is an error.
func summaryOf(url string) (stats.Summary, error) {
	var summary stats.Summary
	body, _, err := get(url)
	if err != nil {
		return summary, err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	return summary, decoder.Decode(&summary)
}

func get(url string) ([]byte, http.Header, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("status %s", response.Status)
	}
	body, err := io.ReadAll(response.Body)
	return body, response.Header, err
}

func split(urls string) []string {
	if urls == "" {
		return nil
	}
	return strings.Split(urls, ",")
}
