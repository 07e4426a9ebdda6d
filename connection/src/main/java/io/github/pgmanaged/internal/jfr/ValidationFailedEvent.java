package io.github.pgmanaged.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** An idle session did not pass its validation. */
@Name("io.github.pgmanaged.ValidationFailed")
@Label("Validation Failed")
@Description("An idle session did not pass its validation, and is replaced")
final class ValidationFailedEvent extends ManagerEvent {}
