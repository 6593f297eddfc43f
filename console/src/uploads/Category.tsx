import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { categoriesQuery } from '../api/slots.ts';
import { SelectField } from '../components/Field.tsx';

export function Category({ value, error, choose }: { value: string; error?: string; choose: (id: string) => void }) {
  const { t } = useLingui();
  const categories = useQuery(categoriesQuery);
  return (
    <SelectField label={t`Category`} value={value} error={error} onChange={(event) => choose(event.target.value)}>
      <option value="">{t`People & Blogs`}</option>
      {categories.data?.filter(({ id }) => id !== '22').map(({ id, title }) => (
        <option key={id} value={id}>
          {title}
        </option>
      ))}
    </SelectField>
  );
}
