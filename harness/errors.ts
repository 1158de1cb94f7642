// SPDX-License-Identifier: Apache-2.0

/**
 * Every way in which the harness itself can fail, with the exit code that the command line then ends with:
 * 2 is a mistake in what was asked, 4 a failure of the harness or of the machine under it.
 * A harness error is never a verdict on the gateway.
 */
export const errorCodes = {
  GAUNTLET_USAGE: { exitCode: 2, meaning: 'An argument, flag or check id that does not exist or does not fit' },
  GAUNTLET_UNKNOWN_CHECK: { exitCode: 2, meaning: 'A check id or selection that matches no check' },
  GAUNTLET_UNKNOWN_TARGET: { exitCode: 2, meaning: 'A gateway or a version of it that Gauntlet has no data for' },
  GAUNTLET_UNKNOWN_TOOL: { exitCode: 2, meaning: 'A tool name that does not exist' },
  GAUNTLET_NOT_IMPLEMENTED: { exitCode: 2, meaning: 'A part that is defined but filled in by a later release' },
  GAUNTLET_CONFIG_INVALID: { exitCode: 2, meaning: 'A file given by the user that cannot be read or does not parse' },
  GAUNTLET_KUBECONFIG: { exitCode: 2, meaning: 'A kubeconfig that is missing, malformed or points nowhere' },
  GAUNTLET_WRONG_ARCHITECTURE: { exitCode: 2, meaning: 'A binary or image of another architecture than the cluster' },
  GAUNTLET_TOOL_VERSION: { exitCode: 2, meaning: 'A given tool whose version is not the pinned one' },
  GAUNTLET_BINARY_BROKEN: { exitCode: 2, meaning: 'A given binary that cannot be executed or exits at once' },
  GAUNTLET_CHART_REFUSED: { exitCode: 2, meaning: 'Helm refused the chart or one of its values' },
  GAUNTLET_NO_ROOT: { exitCode: 2, meaning: 'The native cluster was asked for without root' },
  GAUNTLET_UNSUPPORTED_PLATFORM: { exitCode: 2, meaning: 'An operating system or kernel that the provider cannot run on' },
  GAUNTLET_OS_PACKAGE_MISSING: { exitCode: 2, meaning: 'Operating-system packages that must be installed first' },
  GAUNTLET_NO_CLUSTER: { exitCode: 2, meaning: 'A cluster command without a cluster that runs' },
  GAUNTLET_PORT_TAKEN: { exitCode: 4, meaning: 'A port or address that the harness needs is in use' },
  GAUNTLET_DISK_FULL: { exitCode: 4, meaning: 'No space left on the device' },
  GAUNTLET_TOOL_BUILD_FAILED: { exitCode: 4, meaning: 'A tool could not be built or downloaded' },
  GAUNTLET_IMAGE: { exitCode: 4, meaning: 'An image could not be written, read or loaded' },
  GAUNTLET_CLUSTER_START: { exitCode: 4, meaning: 'The cluster did not come up' },
  GAUNTLET_COMPONENT_DIED: { exitCode: 4, meaning: 'A component of the cluster ended unexpectedly' },
  GAUNTLET_TARGET_INSTALL: { exitCode: 4, meaning: 'The gateway under test could not be installed or did not become ready' },
  GAUNTLET_PEER: { exitCode: 4, meaning: 'A peer could not be started or did not answer its control API' },
  GAUNTLET_API: { exitCode: 4, meaning: 'The Kubernetes API refused or failed a request of the harness' },
  GAUNTLET_TIMEOUT: { exitCode: 4, meaning: 'A step of the harness took longer than its budget' },
  GAUNTLET_SUITE: { exitCode: 4, meaning: 'The upstream suite could not be run or wrote no report' },
  GAUNTLET_LOAD: { exitCode: 4, meaning: 'A driver of load ended in error, or said nothing that can be used' },
  GAUNTLET_MACHINE: { exitCode: 4, meaning: 'The machine was too busy for what was to be measured' },
  GAUNTLET_INCONCLUSIVE: { exitCode: 4, meaning: 'What was measured decides nothing' },
  GAUNTLET_INTERRUPTED: { exitCode: 4, meaning: 'The run was interrupted' },
  GAUNTLET_INTERNAL: { exitCode: 4, meaning: 'A defect of Gauntlet' },
} as const satisfies Record<string, { exitCode: 2 | 4; meaning: string }>;

/** Name of a harness error, stable across releases. */
export type ErrorCode = keyof typeof errorCodes;

/** What a {@link GauntletError} is made of. */
export interface GauntletErrorOptions {
  /** The next step for the person who reads the message, one sentence. */
  readonly hint: string;
  /** What caused it, kept for logs. */
  readonly cause?: unknown;
}

/**
 * A failure of the harness, its input or its machine. The message says what was attempted, on what, and what was seen; the hint what to do.
 */
export class GauntletError extends Error {
  override readonly name = 'GauntletError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: GauntletErrorOptions) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  /** The exit code of a command that ends with this error. */
  get exitCode(): 2 | 4 {
    return errorCodes[this.code].exitCode;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The error itself if it is a {@link GauntletError}, else one that wraps it as a defect of Gauntlet. */
export function asGauntletError(error: unknown): GauntletError {
  if (error instanceof GauntletError) return error;
  if (isErrno(error) && error.code === 'ENOSPC') {
    return new GauntletError('GAUNTLET_DISK_FULL', `The disk is full: ${error.message}`, {
      hint: 'Free some space (the cache is in ~/.cache/gauntlet, runs are in out/) and run the same command again.',
      cause: error,
    });
  }
  return new GauntletError('GAUNTLET_INTERNAL', messageOf(error), {
    hint: 'This is a defect of Gauntlet: please report it with the stack trace that --verbose prints.',
    cause: error,
  });
}

/** Whether an error came from the operating system. */
export function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
