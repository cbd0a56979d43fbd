package org.parley.node;

import java.nio.file.Path;
import java.util.Optional;

/** What the command line says of a node; it stands over the configuration file. */
record NodeOptions(
    Optional<Path> file,
    Optional<Path> data,
    Optional<String> http,
    Optional<String> database,
    boolean sandbox) {}
