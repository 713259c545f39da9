// Shows a skeleton of the final size while an answer is awaited, the reason where it failed, else the content.
import { Button, Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { describeError } from '../lib/describe-error.ts';
import { useTexts } from '../lib/i18n.ts';
import { Message } from './message.tsx';

interface Gated<Data> {
  readonly data: Data | undefined;
  readonly error: unknown;
  refetch(): unknown;
}

/** Hands the data on as soon as it is there. */
export function QueryGate<Data>(properties: {
  readonly query: Gated<Data>;
  readonly skeletonHeight: number;
  readonly children: (data: Data) => ReactNode;
}) {
  const { query, skeletonHeight, children } = properties;
  const t = useTexts();
  if (query.data !== undefined) return children(query.data);
  if (query.error === null || query.error === undefined) return <Skeleton height={skeletonHeight} radius="md" />;
  return (
    <Message
      tone="bad"
      title={t('failure.load')}
      actions={
        <Button variant="default" onClick={() => void query.refetch()}>
          {t('failure.tryAgain')}
        </Button>
      }
    >
      {describeError(query.error)}
    </Message>
  );
}
