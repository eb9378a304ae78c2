// Calls Screen, ScreenBatch and ScreenStream of a running server and compares every answer with what the library said.
//
//   node client.js ADDRESS PROTO TASK
//
// TASK is a JSON file: {"batches": [{"ids": [...], "debtors": [...], "creditors": [...], "purposes": [...],
// "verdicts": [...], "results": [[position, id, [[role, verdict, [[entry_id, list_id, score], ...]], ...]], ...]}],
// "connections": 8, "rate": 500, "seconds": 3}. Prints one JSON object; exit status 1 if an answer is wrong.
"use strict";

const fs = require("fs");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const [address, proto, taskFile] = process.argv.slice(2);
const task = JSON.parse(fs.readFileSync(taskFile, "utf8"));
const definition = loader.loadSync(proto, { keepCase: true, enums: Number, longs: Number, defaults: true });
const { ScreeningService } = grpc.loadPackageDefinition(definition).sito.v1;
const ROLE_DEBTOR = 2;
const ROLE_CREDITOR = 3;
const faults = [];

function open() {
  return new ScreeningService(address, grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": 64 << 20,
    "grpc.use_local_subchannel_pool": 1,
  });
}

function recordOf(batch, place) {
  return {
    record_id: batch.ids[place],
    payment: {
      parties: [
        { role: ROLE_DEBTOR, name: batch.debtors[place] },
        { role: ROLE_CREDITOR, name: batch.creditors[place] },
      ],
      purpose: batch.purposes[place],
      amount: "1.00",
      currency: "RUB",
      date: "2026-01-31",
    },
  };
}

function partiesOf(parties) {
  return parties.map((party) => [
    party.role,
    party.verdict,
    party.hits.map((hit) => [hit.entry_id, hit.list_id, hit.score]),
  ]);
}

function same(what, got, expected) {
  if (JSON.stringify(got) !== JSON.stringify(expected)) faults.push(`${what}: another answer than the library's`);
}

function judge(what, batch, answer) {
  if (answer.error) faults.push(`${what}: refused: ${answer.error.code}`);
  same(`${what}: verdicts`, answer.verdicts, batch.verdicts);
  const results = answer.results.map((one) => [one.position, one.record_id, partiesOf(one.parties)]);
  same(`${what}: hits`, results, batch.results);
}

function call(client, method, request) {
  return new Promise((resolve, reject) => {
    client[method](request, { deadline: Date.now() + 60000 }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
}

function stream(client, batches) {
  return new Promise((resolve, reject) => {
    const calls = client.ScreenStream({ deadline: Date.now() + 120000 });
    const answers = [];
    calls.on("data", (answer) => answers.push(answer));
    calls.on("error", reject);
    calls.on("end", () => resolve(answers));
    for (const batch of batches) calls.write({ records: batch.ids.map((_, place) => recordOf(batch, place)) });
    calls.end();
  });
}

// Calls come at their times, whether earlier ones were answered or not: a slow answer makes none come later.
async function paced(clients, batch, rate, seconds) {
  const expected = new Map(batch.results.map(([position, , parties]) => [position, parties]));
  const times = [];
  const begin = process.hrtime.bigint();
  const count = Math.floor(rate * seconds);
  const open = [];
  for (let number = 0; number < count; ) {
    const due = Number(process.hrtime.bigint() - begin) / 1e9;
    for (; number < count && number / rate <= due; number += 1) {
      const place = number % batch.ids.length;
      const start = process.hrtime.bigint();
      open.push(
        call(clients[number % clients.length], "Screen", { record: recordOf(batch, place) }).then((answer) => {
          times.push(Number(process.hrtime.bigint() - start) / 1e3);
          same("Screen", answer.verdict, batch.verdicts[place]);
          same("Screen", partiesOf(answer.parties), expected.get(place) || []);
        }),
      );
    }
    const left = number / rate - Number(process.hrtime.bigint() - begin) / 1e9;
    if (number < count) await new Promise((resolve) => setTimeout(resolve, Math.max(0, left * 1e3)));
  }
  await Promise.all(open);
  times.sort((one, other) => one - other);
  return { calls: times.length, at: (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))] };
}

async function main() {
  const client = open();
  const first = task.batches[0];
  for (const [number, batch] of task.batches.entries()) {
    const records = batch.ids.map((_, place) => recordOf(batch, place));
    judge(`ScreenBatch ${number}`, batch, await call(client, "ScreenBatch", { records }));
  }
  const start = process.hrtime.bigint();
  const answers = await stream(client, task.batches);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (answers.length !== task.batches.length) faults.push(`ScreenStream: ${answers.length} answers`);
  answers.forEach((answer, number) => judge(`ScreenStream ${number}`, task.batches[number], answer));
  const clients = Array.from({ length: task.connections }, open);
  await paced(clients, first, task.rate, 0.5);
  const inline = await paced(clients, first, task.rate, task.seconds);
  const payments = task.batches.reduce((sum, batch) => sum + batch.ids.length, 0);
  console.log(
    JSON.stringify({
      faults: faults.slice(0, 20),
      fault_count: faults.length,
      batch_payments: payments,
      stream_payments_per_s: payments / seconds,
      calls: inline.calls,
      p50_us: inline.at(0.5),
      p99_us: inline.at(0.99),
      p999_us: inline.at(0.999),
    }),
  );
  for (const one of [client, ...clients]) one.close();
  process.exitCode = faults.length ? 1 : 0;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
