import { useRef, useState } from 'preact/hooks';
import { type Failure, failureWords } from '../client/http.ts';
import { ended, signIn } from '../client/session.ts';
import { LanguageSwitch } from '../widgets/LanguageSwitch.tsx';
import { t } from '../words/words.ts';

const why = (failure: Failure): string => {
  if (failure.kind === 'unauthorised') return t('signin.wrong');
  return failureWords(failure);
};

export const SignInPage = () => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | 'missing' | null>(null);
  const form = useRef<HTMLFormElement>(null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || !form.current) return;
    const data = new FormData(form.current);
    const [user, password] = [String(data.get('user') ?? '').trim(), String(data.get('password') ?? '')];
    if (user === '' || password === '') return setProblem('missing');
    setBusy(true);
    const answer = await signIn(user, password);
    setBusy(false);
    // What was typed stays; the password is marked, ready to be typed again.
    if (!answer.ok) {
      setProblem(answer.failure);
      form.current?.querySelector<HTMLInputElement>('[name=password]')?.select();
    }
  };

  const text =
    problem === null
      ? ended.value
        ? t('signin.ended')
        : null
      : problem === 'missing'
        ? t('signin.missing')
        : why(problem);
  return (
    <main class="signin" id="content">
      <div class="signin-top">
        <LanguageSwitch />
      </div>
      <form ref={form} class="signin-card" onSubmit={(event) => void submit(event)} noValidate>
        <p class="brand">
          <img src="/icon.svg" width="36" height="36" alt="" />
          Precall
        </p>
        <p class="lead">{t('signin.lead')}</p>
        <label class="field">
          <span>{t('signin.user')}</span>
          <input
            name="user"
            data-testid="user"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
          />
        </label>
        <label class="field">
          <span>{t('signin.password')}</span>
          <input name="password" data-testid="password" type="password" autocomplete="current-password" />
        </label>
        {text !== null && (
          <p class="form-problem" role="alert" data-testid="sign-in-problem">
            {text}
          </p>
        )}
        <button class="button primary big" type="submit" data-testid="sign-in" disabled={busy}>
          {busy ? t('signin.going') : t('signin.go')}
        </button>
        <p class="quiet small">{t('signin.help')}</p>
      </form>
    </main>
  );
};
