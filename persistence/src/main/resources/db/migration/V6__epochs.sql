-- Every life of a node has a number of its own, which stands in the grants that it makes.
CREATE SEQUENCE node_epochs AS bigint START 1;
