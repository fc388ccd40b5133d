import { switchLanguage, t } from '../words/words.ts';

export const LanguageSwitch = () => (
  <button
    type="button"
    class="button plain"
    data-testid="lang"
    aria-label={t('lang.label')}
    title={t('lang.label')}
    onClick={switchLanguage}
  >
    {t('lang.other')}
  </button>
);
