// SPDX-License-Identifier: Apache-2.0

/** The state of upstream that the rules were read from: the main branch of 21 August 2026. */
const commit = '4564255ac2c35d582249b3cdf261bdf51c8bca32';
const blob = `https://github.com/kubernetes-sigs/gateway-api/blob/${commit}`;
const thread = 'https://github.com/kubernetes-sigs/gateway-api';
const readme = `${blob}/conformance/reports/README.md`;

/** Where upstream says what a report and its folder must be. */
export const sources = {
  structure: { title: 'Conformance reports: how this folder is structured', url: `${readme}#how-this-folder-is-structured` },
  folder: { title: 'Conformance reports: rules', url: `${readme}#rules` },
  table: { title: 'Conformance reports: table of contents', url: `${readme}#table-of-contents` },
  reproduce: { title: 'Conformance reports: reproduce', url: `${readme}#reproduce` },
  unmodified: { title: 'Conformance reports: exactly as created by the suite', url: `${readme}#reports` },
  reports: { title: 'Conformance reports: reports rules', url: `${readme}#reports-rules` },
  script: { title: 'hack/verify-reports.sh', url: `${blob}/hack/verify-reports.sh` },
  tables: { title: 'hack/docsy-generate-conformance.py', url: `${blob}/hack/docsy-generate-conformance.py` },
  format: { title: 'type ConformanceReport', url: `${blob}/conformance/apis/v1/conformancereport.go` },
  profileFormat: { title: 'type ProfileReport', url: `${blob}/conformance/apis/v1/profilereport.go` },
  results: { title: 'conformance/utils/suite/reports.go', url: `${blob}/conformance/utils/suite/reports.go` },
  suite: { title: 'conformance/utils/suite/suite.go', url: `${blob}/conformance/utils/suite/suite.go` },
  profiles: { title: 'conformance/utils/suite/profiles.go', url: `${blob}/conformance/utils/suite/profiles.go` },
  levels: {
    title: 'Implementations: conformance levels',
    url: 'https://gateway-api.sigs.k8s.io/docs/implementations/list/#conformance-levels',
  },
  url: { title: 'gateway-api pull request 5209: url is a well-formed http(s) URL', url: `${thread}/pull/5209` },
  claimed: { title: 'gateway-api pull request 3651: why skip tests and claim the features?', url: `${thread}/pull/3651` },
  inferred: { title: 'gateway-api issue 4112: inferred features are reported as unsupported', url: `${thread}/issues/4112` },
} as const;
