package io.github.pgmanaged.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The answer to a COMMIT was lost. */
@Name("io.github.pgmanaged.CommitUnknown")
@Label("Commit Unknown")
@Description("The answer to a COMMIT was lost")
final class CommitUnknownEvent extends ManagerEvent {}
