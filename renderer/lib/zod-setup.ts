// Must be imported before anything that makes a zod schema: our content security policy forbids compiled validators.
import { z } from 'zod';

z.config({ jitless: true });
