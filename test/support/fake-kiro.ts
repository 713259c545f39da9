// Kiro in the fake contract: its real form, and logins as they are found on a machine where many things have long names.
import { fields, signIn } from '../../main/providers/kiro/sign-in.ts';
import type { FoundLoginView, ProviderView } from '../../shared/views.ts';

/** The provider with its real sign-in methods. */
export const KIRO: ProviderView = {
  id: 'kiro',
  name: 'Kiro',
  standing: 'Speaks the private API of Kiro (Amazon Q Developer), known by watching its own programs.',
  spends: 'Spends the credits of your Kiro plan. Amazon may suspend accounts that other programs use.',
  signIn: [...signIn],
  fields: [...fields],
};

/** Good ones, one that needs mending, and one that an account has already. */
export const FOUND_LOGINS: FoundLoginView[] = [
  {
    id: 'cli',
    title: 'kiro-cli: platform-engineering-emea.awsapps.com',
    facts: ['region eu-west-1', 'profile K7XQWERTYUIOPASD', 'good for 47 minutes, then renewed'],
    place: '/home/ada-lovelace/.var/app/com.example.VeryLongSandboxName/data/kiro-cli/data.sqlite3',
    draft: { method: 'kiro-cli', name: 'Kiro CLI', values: { cliDatabase: '/a/data.sqlite3' } },
  },
  {
    id: 'ide',
    title: 'Kiro IDE: Google',
    facts: ['region us-east-1', 'profile EHGA3GRVQMUK', 'expired, renewed when first used'],
    place: '/home/ada-lovelace/.aws/sso/cache/kiro-auth-token.json',
    draft: { method: 'kiro-ide', name: 'Kiro IDE', values: { credsFile: '/a/kiro-auth-token.json' } },
  },
  {
    id: 'q',
    title: 'Amazon Q Developer CLI: AWS Builder ID',
    facts: ['region us-east-1', 'renewed when first used'],
    place: '/home/ada-lovelace/.local/share/amazon-q/data.sqlite3',
    problem: 'It cannot be renewed: its client registration is missing.',
    draft: { method: 'kiro-cli', name: 'Amazon Q', values: { cliDatabase: '/b/data.sqlite3' } },
  },
  {
    id: 'old',
    title: 'kiro-cli: AWS Builder ID',
    facts: ['region us-east-1', 'good for 5 hours, then renewed'],
    place: '/home/ada-lovelace/.local/share/kiro-cli/data.sqlite3',
    account: 'Kiro at home',
    draft: { method: 'kiro-cli', name: 'Kiro CLI', values: { cliDatabase: '/c/data.sqlite3' } },
  },
];
