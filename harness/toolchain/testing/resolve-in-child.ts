// SPDX-License-Identifier: Apache-2.0
// Run as a program of its own: resolves the tool named by the first argument with the cache of the environment, and prints what happens.
import { Toolchain } from '../toolchain.ts';
import type { ToolName } from '../tool.ts';
import { asGauntletError, messageOf } from '../../errors.ts';

const [name, cacheDirectory] = process.argv.slice(2) as [ToolName, string];
const toolchain = Toolchain.open({ cacheDirectory, onEvent: (event) => console.log(event.type, event.name) });
try {
  const tool = await toolchain.resolve(name);
  console.log('resolved', JSON.stringify({ origin: tool.origin, provenance: tool.provenance, file: tool.file(), digest: tool.digest }));
} catch (error) {
  console.log('failed', JSON.stringify({ code: asGauntletError(error).code, message: messageOf(error) }));
} finally {
  await toolchain[Symbol.asyncDispose]();
}
