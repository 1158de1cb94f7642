// SPDX-License-Identifier: Apache-2.0

// Prints what the pinned upstream suite consists of, as JSON: its tests in the order in which it runs them, its profiles and its features.
// harness/conformance/catalogues holds the output for each version.
package main

import (
	"encoding/json"
	"log"
	"os"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/gateway-api/conformance/tests"
	"sigs.k8s.io/gateway-api/conformance/utils/suite"
	"sigs.k8s.io/gateway-api/pkg/consts"
	"sigs.k8s.io/gateway-api/pkg/features"
)

type test struct {
	Name        string                 `json:"name"`
	Features    []features.FeatureName `json:"features"`
	Provisional bool                   `json:"provisional"`
}

type profile struct {
	Name     suite.ConformanceProfileName `json:"name"`
	Core     []features.FeatureName       `json:"core"`
	Extended []features.FeatureName       `json:"extended"`
}

type catalogue struct {
	APIVersion string                 `json:"apiVersion"`
	Profiles   []profile              `json:"profiles"`
	Features   []features.FeatureName `json:"features"`
	Mesh       []features.FeatureName `json:"meshFeatures"`
	Tests      []test                 `json:"tests"`
}

func main() {
	listed := catalogue{
		APIVersion: consts.BundleVersion,
		Features:   sorted(features.SetsToNamesSet(features.AllFeatures)),
		Mesh:       sorted(features.SetsToNamesSet(features.MeshCoreFeatures, features.MeshExtendedFeatures)),
	}
	for _, known := range []suite.ConformanceProfile{
		suite.GatewayHTTPConformanceProfile, suite.GatewayGRPCConformanceProfile, suite.GatewayTLSConformanceProfile,
		suite.MeshHTTPConformanceProfile, suite.MeshGRPCConformanceProfile,
	} {
		listed.Profiles = append(listed.Profiles, profile{known.Name, sorted(known.CoreFeatures), sorted(known.ExtendedFeatures)})
	}
	for _, known := range tests.ConformanceTests {
		listed.Tests = append(listed.Tests, test{known.ShortName, known.Features, known.Provisional})
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(listed); err != nil {
		log.Fatal(err)
	}
}

func sorted(names sets.Set[features.FeatureName]) []features.FeatureName {
	return slices.Sorted(slices.Values(names.UnsortedList()))
}
