import { useState } from 'preact/hooks';
import type { SessionView } from '../../api/contract/schemas.ts';
import { failureWords, newKey, post } from '../client/http.ts';
import { session } from '../client/session.ts';
import { go } from '../router.ts';
import { LanguageSwitch } from '../widgets/LanguageSwitch.tsx';
import { t } from '../words/words.ts';

/** As store/password.ts asks; the service has the last word. */
const MIN_PASSWORD = 8;

/** `#token=…` of the link that the service printed; the part after # never leaves the browser by itself. */
export const tokenOf = (hash: string): string | null => {
  const text = hash.replace(/^#/, '');
  const token = new URLSearchParams(text).get('token') ?? (text.includes('=') ? '' : text);
  return token === '' ? null : token;
};

/** The first administrator of an empty installation. */
export const SetupPage = () => {
  const [token] = useState(() => tokenOf(location.hash));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const [user, password] = [String(data.get('user') ?? '').trim(), String(data.get('password') ?? '')];
    if (user === '') return setProblem(t('signin.missing'));
    if (password.length < MIN_PASSWORD) return setProblem(t('setup.short', { n: MIN_PASSWORD }));
    setBusy(true);
    const answer = await post<SessionView>('/setup', { token, user, password }, newKey(), true);
    setBusy(false);
    if (answer.ok) {
      go('/');
      session.value = answer.value;
    } else
      setProblem(
        answer.failure.status === 410 || answer.failure.status === 403
          ? t('setup.gone')
          : failureWords(answer.failure),
      );
  };
  return (
    <main class="signin" id="content">
      <div class="signin-top">
        <LanguageSwitch />
      </div>
      <form class="signin-card" onSubmit={(event) => void submit(event)} noValidate>
        <p class="brand">
          <img src="/icon.svg" width="36" height="36" alt="" />
          {t('setup.title')}
        </p>
        <p class="lead">{token === null ? t('setup.noLink') : t('setup.lead')}</p>
        {token === null ? (
          <a class="button big" href="/">
            {t('signin.go')}
          </a>
        ) : (
          <>
            <label class="field">
              <span>{t('signin.user')}</span>
              <input
                name="user"
                data-testid="user"
                value="admin"
                autocomplete="username"
                autocapitalize="none"
                spellcheck={false}
              />
            </label>
            <label class="field">
              <span>{t('signin.password')}</span>
              <input
                name="password"
                data-testid="password"
                type="password"
                autocomplete="new-password"
                minLength={MIN_PASSWORD}
              />
              <small>{t('setup.short', { n: MIN_PASSWORD })}</small>
            </label>
            {problem !== null && (
              <p class="form-problem" role="alert">
                {problem}
              </p>
            )}
            <button class="button primary big" type="submit" data-testid="set-up" disabled={busy}>
              {busy ? t('form.sending') : t('setup.go')}
            </button>
          </>
        )}
      </form>
    </main>
  );
};
