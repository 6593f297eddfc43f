import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { pieceQuery } from '../../api/content.ts';
import { Asked } from '../../components/Asked.tsx';
import { PieceView } from './PieceView.tsx';

export function Piece() {
  const { id } = useParams({ from: '/shell/content/$id' });
  const piece = useQuery(pieceQuery(id));
  return <Asked query={piece}>{(found) => <PieceView key={found.id} piece={found} />}</Asked>;
}
