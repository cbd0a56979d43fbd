package org.parley.persistence;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A node that opens its embedded database, says which process serves it, and waits to be killed.
 */
public final class TestNode {
  private TestNode() {}

  /** One argument: the directory. */
  public static void main(String[] args) throws InterruptedException {
    Database database = Database.open(TestDatabase.embedded(Path.of(args[0])));
    TestDatabase.execute(database, "CREATE TABLE kept AS SELECT 1 AS one");
    System.out.println(database.serverProcess().orElseThrow());
    new CountDownLatch(1).await();
  }
}
