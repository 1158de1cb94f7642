// SPDX-License-Identifier: Apache-2.0
/** As far as it is used; the package brings no types. */
declare module 'jstat' {
  const jstat: {
    /** Student's t distribution. */
    readonly studentt: {
      readonly cdf: (value: number, degreesOfFreedom: number) => number;
      readonly inv: (probability: number, degreesOfFreedom: number) => number;
    };
    readonly normal: { readonly inv: (probability: number, mean: number, deviation: number) => number };
  };
  export default jstat;
}
