// Reads queries, one a line as a JSON string, and answers each with a line of
// JSON: what Salesforce's own parser has against it, [] for nothing.
import { createInterface } from 'node:readline';
import soql from '@salesforce/soql-common/lib/soql-parser/index.js';

const parser = soql.SOQLParser({ isApex: false, isMultiCurrencyEnabled: false, apiVersion: 62.0 });
let complaints = [];
console.error = (message) => complaints.push(message); // where the lexer's go

for await (const line of createInterface({ input: process.stdin })) {
  complaints = [];
  const result = parser.parseQuery(JSON.parse(line));
  const errors = result.getParserErrors().map((error) => error.getMessage());
  console.log(JSON.stringify([...errors, ...complaints]));
}
