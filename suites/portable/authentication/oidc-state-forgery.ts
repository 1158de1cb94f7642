// SPDX-License-Identifier: Apache-2.0
import type { Browser } from '../../../fixtures/browser/browser.ts';
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached, same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, rfc } from '../../specification.ts';
import { anonymous, buildStage, callbackPath, endOf } from './oidc-stage.ts';

const loggedIn = 'a browser that logs in reaches the backend';
const refusal = (what: string) => `a browser that comes back ${what} is refused before the backend sees it, and no tokens are asked for`;
const foreign = refusal('with the code and state of somebody else');
const replayed = 'a code that was used is refused, though the browser and the state are right';
const saidNo = 'a browser whose user said no is refused before the backend sees it';

export default defineCheck({
  id: 'oidc-state-forgery',
  title: 'Only the browser that was sent to the provider can come back from it, and only once',
  feature: 'authentication.oidc',
  specification: [rfc(6749, '10.12'), rfc(9700, '2.1'), envoyDocs('OAuth2', 'configuration/http/http_filters/oauth2_filter')],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'same-browser', title: 'The victim’s browser is the attacker’s own', breaks: foreign },
    { name: 'fresh-code', title: 'The code has not been used yet', breaks: replayed },
  ],
  async run(context) {
    const { expect, sabotaged, echo, oidc, policies } = context;
    const stage = await buildStage(context, oidc);
    const answer = { ...policies.outcomes.oidcRefused, before: echo };
    const isCallback = (url: URL): boolean => url.host === stage.host && url.pathname === callbackPath;

    /** Somebody who has been at the provider, and the address that the provider sent the browser back to. */
    const atCallback = async (browser: Browser): Promise<{ browser: Browser; callback: URL }> => {
      let callback = new URL(stage.url());
      await browser.follow(stage.url(), (next) => {
        if (isCallback(next)) callback = next;
        return isCallback(next);
      });
      return { browser, callback };
    };

    /** No tokens are asked for while somebody comes back to an address. */
    const refusedThere = async (browser: Browser, callback: URL | string): Promise<void> => {
      const before = await oidc.calls('token');
      await denied((await browser.visit(callback)).exchange, answer);
      same('calls of the token endpoint', (await oidc.calls('token')) - before, 0);
    };

    await expect.eventually(loggedIn, async () => {
      await reached(endOf(await logIn(stage.browser(), oidc, stage.url())).exchange, echo);
    });

    await expect.now(foreign, async () => {
      const attacker = await atCallback(stage.browser());
      const victim = sabotaged('same-browser') ? attacker.browser : (await atCallback(stage.browser())).browser;
      await refusedThere(victim, attacker.callback);
    });

    await expect.now(refusal('without ever having been sent there'), async () => {
      await refusedThere(stage.browser(), (await atCallback(stage.browser())).callback);
    });

    await expect.now(refusal('without a state'), async () => {
      const { browser, callback } = await atCallback(stage.browser());
      callback.searchParams.delete('state');
      await refusedThere(browser, callback);
    });

    await expect.now(refusal('with a state that was changed'), async () => {
      const { browser, callback } = await atCallback(stage.browser());
      const state = callback.searchParams.get('state') ?? '';
      holds(state.length > 20, 'a state', state);
      callback.searchParams.set('state', `${state.slice(0, -12)}${state.slice(-12).split('').reverse().join('')}`);
      await refusedThere(browser, callback);
    });

    await expect.now(refusal('without a code'), async () => {
      const { browser, callback } = await atCallback(stage.browser());
      callback.searchParams.delete('code');
      await refusedThere(browser, callback);
    });

    await expect.now(replayed, async () => {
      const { browser, callback } = await atCallback(stage.browser());
      const copy = browser.copy();
      if (!sabotaged('fresh-code')) await reached(endOf(await browser.follow(await browser.visit(callback))).exchange, echo);
      await denied((await copy.visit(callback)).exchange, answer);
    });

    await expect.now(saidNo, async () => {
      await oidc.behave({ user: null });
      const { browser, callback } = await atCallback(stage.browser());
      same('error', callback.searchParams.get('error') ?? '', 'access_denied');
      await refusedThere(browser, callback);
    });
  },
});
