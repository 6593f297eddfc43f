//! Circles in a graph: strongly connected components of more than one node.

use std::collections::BTreeMap;

/// `graph[n]`: the nodes that `n` leads to. Every component of two or more nodes, each in ascending order.
pub(crate) fn cycles(graph: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut order = Vec::new();
    let mut seen = vec![false; graph.len()];
    for node in 0..graph.len() {
        visit(graph, node, &mut seen, &mut order);
    }
    let mut reversed = vec![Vec::new(); graph.len()];
    for (from, targets) in graph.iter().enumerate() {
        for &to in targets {
            reversed[to].push(from);
        }
    }
    let mut components: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut seen = vec![false; graph.len()];
    for &node in order.iter().rev() {
        let mut component = Vec::new();
        visit(&reversed, node, &mut seen, &mut component);
        component.sort_unstable();
        if component.len() > 1 {
            components.insert(component[0], component);
        }
    }
    components.into_values().collect()
}

/// Depth first; `order` gets each node after those that it leads to.
fn visit(graph: &[Vec<usize>], node: usize, seen: &mut [bool], order: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[node], true) {
        return;
    }
    for &next in &graph[node] {
        visit(graph, next, seen, order);
    }
    order.push(node);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nodes_that_lead_back_to_each_other_are_a_cycle() {
        let graph = [vec![1], vec![2], vec![0, 3], vec![4], vec![3], vec![0]];
        assert_eq!(cycles(&graph), [vec![0, 1, 2], vec![3, 4]]);
        assert!(cycles(&[vec![1, 2], vec![2], vec![]]).is_empty());
    }
}
