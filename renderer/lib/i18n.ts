// Sets up i18next with the one language there is, `texts.json`; pages ask for texts by key through `useTexts`.
import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import texts from './texts.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof texts };
  }
}

void i18next.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: texts } },
  interpolation: { escapeValue: false },
  initAsync: false,
});

/** The translating function, for components. */
export function useTexts() {
  return useTranslation().t;
}

/** The translating function, outside of components. */
export const translate = i18next.t;
