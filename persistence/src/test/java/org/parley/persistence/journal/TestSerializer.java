package org.parley.persistence.journal;

import java.io.NotSerializableException;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** The journal's serializer with the records of {@link Tally}. Made by Pekko, by name. */
public final class TestSerializer extends SerializerWithStringManifest {
  private final CborJournalSerializer serializer = new CborJournalSerializer(Tally.manifests());

  /** Made by Pekko. */
  public TestSerializer(ExtendedActorSystem system) {}

  @Override
  public int identifier() {
    return serializer.identifier();
  }

  @Override
  public String manifest(Object record) {
    return serializer.manifest(record);
  }

  @Override
  public byte[] toBinary(Object record) {
    return serializer.toBinary(record);
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    return serializer.fromBinary(bytes, manifest);
  }
}
