package org.parley.ops;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A process that looks like a database from afar: it says how a node is to use it, and waits. */
final class FakeDatabase {
  private FakeDatabase() {}

  public static void main(String[] args) throws Exception {
    List<String> options = List.of(args);
    Path directory = Path.of(options.get(options.indexOf("--directory") + 1));
    Path settings = Files.createDirectories(directory).resolve("database.conf");
    Files.writeString(settings, "parley.database.url = nowhere\n");
    System.out.println("PostgreSQL is ready at nowhere (" + settings + ")");
    new CountDownLatch(1).await();
  }
}
