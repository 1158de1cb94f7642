// SPDX-License-Identifier: Apache-2.0
// An entry file that cannot be loaded.
throw new Error('the suites are broken');
