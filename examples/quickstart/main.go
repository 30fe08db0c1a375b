// Command quickstart shows the main job of leadsync: leads from a CSV file end
// up in a Salesforce org, each with an outcome.
package main

func main() {}
