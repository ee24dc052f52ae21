/** The tensors of a model as they lie in its safetensors files, one or several: mapped, not copied. */
package dev.bert4j.weights;
