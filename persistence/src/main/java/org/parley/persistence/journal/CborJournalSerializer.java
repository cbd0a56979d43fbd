package org.parley.persistence.journal;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.jspecify.annotations.Nullable;
import org.parley.core.JournalCatalog;
import org.parley.core.spi.JournalRecord;

/**
 * Turns the records of the journal into CBOR and back. Only records of the catalogue pass, in both
 * directions, under their short names: a class name never stands in the journal, and nothing in the
 * journal can name a class. Thread-safe. Made by Pekko, by name.
 */
public final class CborJournalSerializer extends SerializerWithStringManifest {
  /** Stands in every row of the journal; never changed. */
  static final int ID = 73_001;

  private record Written(String manifest, ObjectWriter writer) {}

  private final Map<Class<?>, Written> writers = new HashMap<>();
  private final Map<String, ObjectReader> readers = new HashMap<>();

  /** Made by Pekko: for the records of {@link JournalCatalog#manifests()}. */
  public CborJournalSerializer(ExtendedActorSystem system) {
    this(JournalCatalog.manifests());
  }

  /** A serializer for these records, by their manifests. */
  CborJournalSerializer(Map<String, Class<? extends JournalRecord>> manifests) {
    ObjectMapper mapper = CompactCbor.mapper();
    manifests.forEach(
        (manifest, type) -> {
          readers.put(manifest, mapper.readerFor(type));
          if (writers.put(type, new Written(manifest, mapper.writerFor(type))) != null) {
            throw new IllegalArgumentException(
                type.getName() + " has two manifests in the journal's catalogue");
          }
        });
  }

  @Override
  public int identifier() {
    return ID;
  }

  @Override
  public String manifest(Object record) {
    return written(record).manifest();
  }

  @Override
  public byte[] toBinary(Object record) {
    try {
      return written(record).writer().writeValueAsBytes(record);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "A record of the journal cannot be written: " + record.getClass().getName(), e);
    }
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    ObjectReader reader = readers.get(manifest);
    if (reader == null) {
      throw new NotSerializableException(
          "The journal holds a record '"
              + manifest
              + "' that this release does not know; was it written by a newer one?");
    }
    try {
      return reader.readValue(bytes);
    } catch (IOException e) {
      NotSerializableException unreadable =
          new NotSerializableException("A record '" + manifest + "' of the journal is unreadable");
      unreadable.initCause(e);
      throw unreadable;
    }
  }

  private Written written(Object record) {
    @Nullable Written written = writers.get(record.getClass());
    if (written != null) return written;
    throw new IllegalArgumentException(
        record.getClass().getName()
            + " is not in the journal's catalogue (JournalCatalog.manifests)");
  }
}
