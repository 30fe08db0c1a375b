// Reads queries, one JSON string per line, and prints a JSON array per query: the
// errors of Salesforce's own parser.
import { createInterface } from 'node:readline';
import soql from '@salesforce/soql-common/lib/soql-parser/index.js';

const parser = soql.SOQLParser({ isApex: false, isMultiCurrencyEnabled: false, apiVersion: 62.0 });
let complaints = [];
console.error = (message) => complaints.push(message); // errors of the lexer

for await (const line of createInterface({ input: process.stdin })) {
  complaints = [];
  const result = parser.parseQuery(JSON.parse(line));
  const errors = result.getParserErrors().map((error) => error.getMessage());
  console.log(JSON.stringify([...errors, ...complaints]));
}
