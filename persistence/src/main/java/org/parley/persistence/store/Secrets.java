package org.parley.persistence.store;

import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CompletionStage;
import org.parley.core.spi.SecretStore;

/** Shared secrets: whoever asks first makes one, and all get the same. */
final class Secrets implements SecretStore {
  private static final int SECRET_BYTES = 32;
  private final SecureRandom random = new SecureRandom();
  private final RequestPool pool;

  Secrets(RequestPool pool) {
    this.pool = pool;
  }

  @Override
  public CompletionStage<byte[]> secret(String name) {
    byte[] fresh = new byte[SECRET_BYTES];
    random.nextBytes(fresh);
    return pool.query(
        c -> {
          try (PreparedStatement insert =
                  c.prepareStatement(
                      "INSERT INTO secrets (name, value) VALUES (?, ?)"
                          + " ON CONFLICT (name) DO NOTHING");
              PreparedStatement select =
                  c.prepareStatement("SELECT value FROM secrets WHERE name = ?")) {
            insert.setString(1, name);
            insert.setBytes(2, fresh);
            insert.executeUpdate();
            select.setString(1, name);
            try (ResultSet rows = select.executeQuery()) {
              if (!rows.next()) throw new SQLException("the secret " + name + " is gone");
              return rows.getBytes(1);
            }
          }
        });
  }
}
