/**
 * The tensors of a model as they lie in its files, one or several, safetensors or PyTorch's own: mapped, not copied.
 */
package dev.bert4j.weights;
