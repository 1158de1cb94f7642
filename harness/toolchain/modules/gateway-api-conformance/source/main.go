// SPDX-License-Identifier: Apache-2.0

// Prints what list prints, from the source of a version of the upstream suite instead of its code: a version whose dependencies are not built here
// can be listed too. For v1.4.1 both print the same. It ends in error at anything that it does not understand.
//
//	go run ./source <folder of gateway-api> <folder of its conformance>
package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

type test struct {
	Name        string   `json:"name"`
	Features    []string `json:"features"`
	Provisional bool     `json:"provisional"`
}

type profile struct {
	Name     string   `json:"name"`
	Core     []string `json:"core"`
	Extended []string `json:"extended"`
}

type catalogue struct {
	APIVersion string    `json:"apiVersion"`
	Profiles   []profile `json:"profiles"`
	Features   []string  `json:"features"`
	Mesh       []string  `json:"meshFeatures"`
	Tests      []test    `json:"tests"`
}

// The order in which list prints them.
var profileOrder = []string{"GATEWAY-HTTP", "GATEWAY-GRPC", "GATEWAY-TLS", "GATEWAY-TCP", "GATEWAY-UDP", "MESH-HTTP", "MESH-GRPC"}

// values are the constants and variables of packages, by name; the packages that are read have no two of one name.
type values map[string]ast.Expr

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: source <folder of gateway-api> <folder of its conformance>")
	}
	api, conformance := os.Args[1], os.Args[2]
	known := values{}
	for _, folder := range []string{api + "/pkg/consts", api + "/pkg/features", conformance + "/utils/suite"} {
		for _, file := range files(folder) {
			known.read(file)
		}
	}
	listed := catalogue{
		APIVersion: known.text(ast.NewIdent("BundleVersion")),
		Features:   known.sorted(ast.NewIdent("AllFeatures")),
		Mesh:       slices.Compact(slices.Sorted(slices.Values(append(known.set(ast.NewIdent("MeshCoreFeatures")), known.set(ast.NewIdent("MeshExtendedFeatures"))...)))),
	}
	named := map[string]profile{}
	for _, entry := range literal(known["conformanceProfileMap"]).Elts {
		fields := fieldsOf(literal(known.resolve(entry.(*ast.KeyValueExpr).Value)))
		name := known.text(fields["Name"])
		named[name] = profile{name, known.sorted(fields["CoreFeatures"]), known.sorted(fields["ExtendedFeatures"])}
	}
	for _, name := range profileOrder {
		if found, ok := named[name]; ok {
			listed.Profiles = append(listed.Profiles, found)
			delete(named, name)
		}
	}
	if len(named) > 0 {
		log.Fatalf("no place is known for %v", slices.Collect(maps.Keys(named)))
	}
	// Those for meshes have a package of their own since v1.4, which is initialised first.
	if mesh := conformance + "/tests/mesh"; len(goFiles(mesh)) > 0 {
		listed.Tests = known.tests(mesh)
	}
	listed.Tests = append(listed.Tests, known.tests(conformance+"/tests")...)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(listed); err != nil {
		log.Fatal(err)
	}
}

// files parses the Go files of a folder in the order in which Go initialises them.
func files(folder string) []*ast.File {
	names := goFiles(folder)
	if len(names) == 0 {
		log.Fatalf("no Go files in %s", folder)
	}
	var parsed []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			log.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	return parsed
}

func goFiles(folder string) []string {
	names, err := filepath.Glob(folder + "/*.go")
	if err != nil {
		log.Fatal(err)
	}
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// read takes in the constants and variables of a file that have a value.
func (known values) read(file *ast.File) {
	for _, declared := range file.Decls {
		group, ok := declared.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range group.Specs {
			if value, ok := spec.(*ast.ValueSpec); ok && len(value.Values) == len(value.Names) {
				for index, name := range value.Names {
					known[name.Name] = value.Values[index]
				}
			}
		}
	}
}

// tests are those that the init functions of a folder add, in order.
func (known values) tests(folder string) []test {
	parsed := files(folder)
	own := values{}
	for _, file := range parsed {
		own.read(file)
	}
	var found []test
	for _, file := range parsed {
		for _, declared := range file.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok || function.Name.Name != "init" {
				continue
			}
			for _, statement := range function.Body.List {
				call := statement.(*ast.AssignStmt).Rhs[0].(*ast.CallExpr)
				for _, added := range call.Args[1:] {
					found = append(found, known.test(literal(own.resolve(added))))
				}
			}
		}
	}
	return found
}

func (known values) test(composite *ast.CompositeLit) test {
	fields := fieldsOf(composite)
	provisional, isSet := fields["Provisional"]
	listed := test{Name: known.text(fields["ShortName"]), Provisional: isSet && provisional.(*ast.Ident).Name == "true"}
	for _, feature := range literal(fields["Features"]).Elts {
		listed.Features = append(listed.Features, known.text(feature))
	}
	return listed
}

// resolve follows a name, with or without its package, to its value.
func (known values) resolve(expression ast.Expr) ast.Expr {
	if selector, ok := expression.(*ast.SelectorExpr); ok {
		expression = selector.Sel
	}
	if name, ok := expression.(*ast.Ident); ok {
		value, found := known[name.Name]
		if !found {
			log.Fatalf("%s has no value", name.Name)
		}
		return known.resolve(value)
	}
	return expression
}

func (known values) text(expression ast.Expr) string {
	value, ok := known.resolve(expression).(*ast.BasicLit)
	if !ok {
		log.Fatalf("no text: %#v", expression)
	}
	text, err := strconv.Unquote(value.Value)
	if err != nil {
		log.Fatal(err)
	}
	return text
}

func (known values) sorted(expression ast.Expr) []string {
	return slices.Compact(slices.Sorted(slices.Values(known.set(expression))))
}

// set evaluates what sets of features are written with: sets.New, Insert, UnsortedList, SetsToNamesSet, and the features in them.
func (known values) set(expression ast.Expr) []string {
	switch value := known.resolve(expression).(type) {
	case *ast.BasicLit:
		return []string{known.text(value)}
	case *ast.CompositeLit:
		return []string{known.text(fieldsOf(value)["Name"])}
	case *ast.CallExpr:
		var names []string
		for _, argument := range value.Args {
			names = append(names, known.set(argument)...)
		}
		return append(names, known.callee(value.Fun)...)
	default:
		log.Fatalf("no set: %#v", value)
		return nil
	}
}

// callee is the set that a method is called on; functions have none.
func (known values) callee(function ast.Expr) []string {
	switch called := function.(type) {
	case *ast.IndexExpr:
		return known.callee(called.X)
	case *ast.SelectorExpr:
		name := called.Sel.Name
		if name == "Insert" || name == "UnsortedList" {
			return known.set(called.X)
		}
		if name == "New" || name == "SetsToNamesSet" {
			return nil
		}
	}
	log.Fatalf("no function that is understood: %#v", function)
	return nil
}

func literal(expression ast.Expr) *ast.CompositeLit {
	value, ok := expression.(*ast.CompositeLit)
	if !ok {
		log.Fatalf("no literal: %#v", expression)
	}
	return value
}

func fieldsOf(composite *ast.CompositeLit) map[string]ast.Expr {
	fields := map[string]ast.Expr{}
	for _, element := range composite.Elts {
		pair := element.(*ast.KeyValueExpr)
		fields[pair.Key.(*ast.Ident).Name] = pair.Value
	}
	return fields
}
